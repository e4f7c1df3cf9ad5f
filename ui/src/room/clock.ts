/** The only way the room learns the time; tests put virtual time in its place. */
export interface Clock {
  /** Milliseconds since the epoch. It may jump: a machine that slept wakes later. */
  now(): number;
  /** Calls `act` once after `delay_ms`; the answer cancels. */
  after(delay_ms: number, act: () => void): () => void;
}

/** The browser's own clock. */
export const browserClock: Clock = {
  now: () => Date.now(),
  after(delay_ms, act) {
    const timer = setTimeout(act, delay_ms);
    return () => clearTimeout(timer);
  },
};

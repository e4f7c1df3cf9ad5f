/**
 * Listens for the node's pulse and notices when it stops, or when this machine has slept.
 *
 * A sleeping machine runs no timers: a tick that comes far too late means that it slept, or that
 * the page stood still. Half a second later it is known which: what was sent meanwhile has been read,
 * or there was nothing. A hidden page has slow timers too, but its socket still hears.
 */
import type { Clock } from "./clock";
import { SILENCE_MS } from "./machine";

/** Shorter: more wake-ups for nothing. Longer: silence is noticed later than promised. */
const TICK_MS = 500;
/** A tick later than this was not a busy page: the machine slept. */
const SLEPT_MS = 5_000;
/** A tick later than this means that the page itself stood still: the node may have been heard. */
const STALLED_MS = 1_500;

/** What the vigil reports. */
export interface VigilEvents {
  silent(): void;
  woke(): void;
  /** Once a second, for beats and reports. */
  second(): void;
}

/** Watches one attendance. */
export class Vigil {
  #heard_at: number;
  #ticked_at: number;
  #second_at: number;
  #hasSlept = false;
  #cancel: (() => void) | null = null;

  constructor(
    private readonly clock: Clock,
    private readonly events: VigilEvents,
  ) {
    const now = clock.now();
    this.#heard_at = now;
    this.#ticked_at = now;
    this.#second_at = now;
  }

  /** When the node was last heard. */
  get heard_at(): number {
    return this.#heard_at;
  }

  start(): void {
    this.#cancel ??= this.clock.after(TICK_MS, this.#tick);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  /** Notes that the node was heard. */
  heard(): void {
    this.#heard_at = this.clock.now();
    this.#hasSlept = false;
  }

  /** Looks at once, out of turn (the page is shown again). */
  look(): void {
    const now = this.clock.now();
    const late = now - this.#ticked_at;
    this.#ticked_at = now;
    if (late > STALLED_MS) {
      // What was heard meanwhile still waits to be read: it is given one tick to come in.
      this.#hasSlept ||= late > SLEPT_MS;
      return;
    }
    // A clock set back must not hide a silence.
    if (now < this.#heard_at) this.#heard_at = now;
    if (now - this.#heard_at < SILENCE_MS) return;
    if (this.#hasSlept) this.events.woke();
    else this.events.silent();
  }

  readonly #tick = (): void => {
    this.#cancel = this.clock.after(TICK_MS, this.#tick);
    this.look();
    const now = this.clock.now();
    if (Math.abs(now - this.#second_at) < 1_000) return;
    this.#second_at = now;
    this.events.second();
  };
}

/** Time that passes only when a test says so. */
import type { Clock } from "../room/clock";

/** A clock whose timers run in order, at once, when time is moved on. */
export class VirtualClock implements Clock {
  #now: number;
  #next = 0;
  readonly #timers = new Map<number, { readonly at: number; readonly act: () => void }>();

  constructor(start = 1_000_000) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  after(delay_ms: number, act: () => void): () => void {
    const id = this.#next;
    this.#next += 1;
    this.#timers.set(id, { at: this.#now + delay_ms, act });
    return () => this.#timers.delete(id);
  }

  /** Moves on by `ms`, running what falls due on the way and what promises follow from it. */
  async pass(ms: number): Promise<void> {
    const until = this.#now + ms;
    await settle();
    for (let due = this.#due(until); due !== null; due = this.#due(until)) {
      this.#timers.delete(due.id);
      this.#now = Math.max(this.#now, due.at);
      due.act();
      await settle();
    }
    this.#now = until;
  }

  /** Jumps on by `ms` as a machine that slept: no timer ran meanwhile, all due ones run late. */
  async sleep(ms: number): Promise<void> {
    this.#now += ms;
    await this.pass(1);
  }

  #due(until: number): { id: number; at: number; act: () => void } | null {
    let first: { id: number; at: number; act: () => void } | null = null;
    for (const [id, timer] of this.#timers) {
      if (timer.at <= until && (first === null || timer.at < first.at)) first = { id, ...timer };
    }
    return first;
  }
}

/** Lets promises that are settled run what waits for them. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

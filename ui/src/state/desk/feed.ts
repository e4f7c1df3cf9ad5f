/**
 * What the node tells the desk, kept current without a reload.
 *
 * A page that hears nothing for a while says so: what it shows is then only what was true before.
 * The node's own clock, read from its beats, dates every proof, so that a wrong clock on this
 * machine never makes a dead line look alive.
 */
import type { RecordSpace } from "../../api/record-types";
import type { BrokenGlass, DuressCall } from "../../api/people-types";
import type { DeskFrame, NodeState } from "../../api/desk-types";
import type { Line, Room, Self } from "../../api/types";

/** Whether the node answers this page. */
export type Contact = "connecting" | "live" | "silent";

/** What the desk knows. Null: not heard yet. */
export interface DeskSnapshot {
  readonly contact: Contact;
  readonly self: Self | null;
  readonly lines: readonly Line[] | null;
  readonly rooms: readonly Room[] | null;
  readonly spaces: readonly RecordSpace[] | null;
  /** Roles lent, or asked for, in an emergency; the node says so only once there was one. */
  readonly lent: readonly BrokenGlass[];
  /** Who of ours is forced, where the reader can help; the node says so only once there was one. */
  readonly duress: readonly DuressCall[];
  /** What the node says is wrong with itself, and when it was last copied. */
  readonly node: NodeState | null;
  /** Counts what was told of alerts: whoever shows them asks again when it changes. */
  readonly alerts: number;
  /** When the node was last heard, by this machine's clock. */
  readonly heard_at: number | null;
  /** The node's clock minus ours, in milliseconds. */
  readonly clock_offset_ms: number;
}

/** A socket to the node, as the feed needs it. */
export interface DeskSocket {
  close(): void;
}
/** Opens the desk's socket. */
export type OpenDesk = (events: { heard(frame: DeskFrame): void; lost(): void }) => DeskSocket;

/** Time, as the feed needs it. */
export interface DeskClock {
  now(): number;
  after(delay_ms: number, act: () => void): () => void;
}

/** The node beats every second; three missed beats are no accident. */
const SILENT_AFTER_MS = 3_500;
/** Shorter: a node that restarts is hammered. Longer: the desk returns later than the node. */
const BACKOFF_MIN_MS = 300;
const BACKOFF_MAX_MS = 5_000;
const TICK_MS = 500;

/** Keeps the desk current. */
export class DeskFeed {
  #snapshot: DeskSnapshot = {
    contact: "connecting",
    self: null,
    lines: null,
    rooms: null,
    spaces: null,
    lent: [],
    duress: [],
    node: null,
    alerts: 0,
    heard_at: null,
    clock_offset_ms: 0,
  };
  readonly #listeners = new Set<() => void>();
  #socket: DeskSocket | null = null;
  /** Since when somebody has listened. */
  #began_at = 0;
  #opened_at = 0;
  /** Nothing was heard on this socket yet. */
  #isNew = true;
  #failures = 0;
  #cancelRetry: (() => void) | null = null;
  #cancelTick: (() => void) | null = null;

  constructor(
    private readonly open: OpenDesk,
    private readonly clock: DeskClock,
  ) {}

  snapshot = (): DeskSnapshot => this.#snapshot;

  /** Calls `listener` after each change; the feed runs while somebody listens. */
  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#start();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#stop();
    };
  };

  /** Tries at once: the network is back, or the page is shown again. */
  nudge(): void {
    if (this.#listeners.size === 0) return;
    this.#look();
    if (this.#socket === null) this.#connect();
  }

  #start(): void {
    this.#began_at = this.clock.now();
    this.#connect();
    this.#tick();
  }

  #stop(): void {
    this.#cancelRetry?.();
    this.#cancelTick?.();
    this.#socket?.close();
    this.#socket = null;
  }

  readonly #tick = (): void => {
    this.#cancelTick = this.clock.after(TICK_MS, this.#tick);
    this.#look();
  };

  #look(): void {
    const heard_at = Math.max(this.#snapshot.heard_at ?? 0, this.#began_at);
    if (this.clock.now() - heard_at < SILENT_AFTER_MS) return;
    if (this.#snapshot.contact !== "silent") this.#put({ contact: "silent" });
    // A try is given the same time to be heard, but is no reason to call a silent node less silent.
    const isTried = this.clock.now() - this.#opened_at >= SILENT_AFTER_MS;
    if (this.#socket !== null && isTried) this.#dropped();
  }

  #connect(): void {
    this.#cancelRetry?.();
    this.#socket?.close();
    this.#opened_at = this.clock.now();
    this.#isNew = true;
    let mine: DeskSocket | null = null;
    mine = this.open({
      heard: (frame) => {
        if (mine === null || this.#socket === mine) this.#heard(frame);
      },
      lost: () => {
        if (mine === null || this.#socket === mine) this.#dropped();
      },
    });
    this.#socket = mine;
  }

  #dropped(): void {
    this.#socket?.close();
    this.#socket = null;
    if (this.#snapshot.contact === "live") this.#put({ contact: "connecting" });
    const delay = Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** Math.min(this.#failures, 8));
    this.#failures += 1;
    this.#cancelRetry?.();
    this.#cancelRetry = this.clock.after(delay, () => this.#connect());
  }

  #heard(frame: DeskFrame): void {
    this.#failures = 0;
    const now = this.clock.now();
    // The node tells of these only where there are any: those of before may have ended.
    const lent = this.#isNew ? [] : this.#snapshot.lent;
    const duress = this.#isNew ? [] : this.#snapshot.duress;
    this.#isNew = false;
    const known = { contact: "live", heard_at: now, lent, duress } as const;
    switch (frame.type) {
      case "self":
        this.#put({ ...known, self: frame.self });
        return;
      case "lines":
        this.#put({ ...known, lines: frame.lines });
        return;
      case "rooms":
        this.#put({ ...known, rooms: frame.rooms });
        return;
      case "record":
        this.#put({ ...known, spaces: frame.spaces });
        return;
      case "break_glass":
        this.#put({ ...known, lent: frame.lent });
        return;
      case "duress":
        this.#put({ ...known, duress: frame.calls });
        return;
      case "node":
        this.#put({ ...known, node: { troubles: frame.troubles, backup_at: frame.backup_at } });
        return;
      case "alerts":
        // Counted here, not taken over: a node that started again begins at nothing.
        this.#put({ ...known, alerts: this.#snapshot.alerts + 1 });
        return;
      case "beat":
        this.#put({ ...known, clock_offset_ms: offset(frame.at, now) });
    }
  }

  #put(change: Partial<DeskSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change };
    for (const listener of this.#listeners) listener();
  }
}

function offset(at: string, now: number): number {
  const theirs = Date.parse(at);
  return Number.isNaN(theirs) ? 0 : theirs - now;
}

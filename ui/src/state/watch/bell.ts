/**
 * The bell of one desk page: rings for what nobody has acknowledged, again and again, and knows
 * whether it can be heard.
 *
 * It counts as heard only when the officer said so at the sound check, the browser's sound runs and
 * its clock moves, and nobody has muted it: what the machine's own volume does, no page can see.
 */
import type { Alert, Precedence } from "../../api/alert-types";

/** Whether this desk can be heard, and if not, why. */
export type Hearing =
  /** Checked by ear, and running. */
  | "heard"
  /** Nobody has said yet that they hear it. */
  | "unchecked"
  /** The browser keeps sound back until somebody presses something on the page. */
  | "held_back"
  /** The officer has muted it here. */
  | "muted"
  /** This browser has no sound for pages. */
  | "none";

/** What of the browser the bell needs. */
export interface BellPorts {
  now(): number;
  /** Calls `act` about once a second, also while the tab sleeps, until told to stop. */
  everySecond(act: () => void): () => void;
  /** Whether sound runs: its own clock has moved since the last question. */
  sound(): "running" | "held_back" | "none";
  play(precedence: Precedence): void;
  silence(): void;
  isShown(): boolean;
  /** Tells the node that this desk shows an alert. */
  report(alert: string, has_sound: boolean): Promise<void>;
  /** Marks title, icon and, where allowed, the system's notices; null: nothing rings. */
  attract(loudest: Alert | null, count: number): void;
}

/** What the page shows of the bell. */
export interface BellSnapshot {
  readonly hearing: Hearing;
  /** Whether it is ringing in this moment. */
  readonly isRinging: boolean;
}

/** Seconds from one ring to the next. Shorter: nobody can speak beside it. Longer: it is missed. */
export const RING_EVERY_S: Readonly<Record<Precedence, number>> = {
  flash: 3,
  immediate: 8,
  priority: 60,
  routine: 900,
};
/** A report that failed is sent again after so long: the node may be starting. */
const REPORT_AGAIN_MS = 5_000;

/** One bell. */
export class Bell {
  #snapshot: BellSnapshot = { hearing: "unchecked", isRinging: false };
  #ringing: readonly Alert[] = [];
  #isHere = false;
  #isChecked: boolean;
  #isMuted = false;
  #rang_at = new Map<string, number>();
  /** By alert: whether it was last reported with sound. */
  readonly #reported = new Map<string, boolean>();
  readonly #reporting = new Map<string, number>();
  readonly #listeners = new Set<() => void>();
  #stop: (() => void) | null = null;

  constructor(
    private readonly ports: BellPorts,
    isChecked: boolean,
  ) {
    this.#isChecked = isChecked;
  }

  snapshot = (): BellSnapshot => this.#snapshot;

  /** Calls `listener` after each change; the bell hangs while somebody listens. */
  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    this.#stop ??= this.ports.everySecond(this.#tick);
    this.#tick();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#stop?.();
      this.#stop = null;
      this.ports.silence();
    };
  };

  /** What rings, the most urgent first, and whether it rings at this desk. */
  ring(alerts: readonly Alert[], isHere: boolean): void {
    this.#ringing = alerts;
    this.#isHere = isHere;
    const known = new Set(alerts.map((each) => each.hash));
    for (const hash of this.#rang_at.keys()) if (!known.has(hash)) this.#rang_at.delete(hash);
    if (alerts.length === 0 || !isHere) this.ports.silence();
    this.ports.attract(alerts[0] ?? null, alerts.length);
    this.#tick();
  }

  /** The officer says whether the check was heard. */
  check(isHeard: boolean): void {
    this.#isChecked = isHeard;
    this.#tick();
  }

  /** Mutes this desk, and says so to whoever asks. */
  mute(isMuted: boolean): void {
    this.#isMuted = isMuted;
    if (isMuted) this.ports.silence();
    this.#tick();
  }

  readonly #tick = (): void => {
    const hearing = this.#hearing();
    const isRinging = this.#isHere && this.#ringing.length > 0;
    if (isRinging) this.#sound(hearing);
    if (isRinging) for (const alert of this.#ringing) this.#report(alert.hash, hearing === "heard");
    const { hearing: before, isRinging: was } = this.#snapshot;
    if (hearing === before && isRinging === was) return;
    this.#snapshot = { hearing, isRinging };
    for (const listener of this.#listeners) listener();
  };

  #hearing(): Hearing {
    const sound = this.ports.sound();
    if (sound !== "running") return sound;
    if (this.#isMuted) return "muted";
    return this.#isChecked ? "heard" : "unchecked";
  }

  /** Plays the most urgent that is due; a new one rings at once. */
  #sound(hearing: Hearing): void {
    if (hearing === "muted" || hearing === "none") return;
    const now = this.ports.now();
    const due = this.#ringing.find(({ hash, precedence }) => {
      const rang = this.#rang_at.get(hash);
      return rang === undefined || Math.abs(now - rang) >= RING_EVERY_S[precedence] * 1_000;
    });
    if (due === undefined) return;
    // Whatever waits is rung by the most urgent: two patterns at once are none.
    for (const { hash } of this.#ringing) this.#rang_at.set(hash, now);
    this.ports.play(this.#ringing[0]?.precedence ?? due.precedence);
  }

  /** What nobody sees and nobody hears is not presented. */
  #report(hash: string, has_sound: boolean): void {
    if (!has_sound && !this.ports.isShown()) return;
    const before = this.#reported.get(hash);
    if (before === true || before === has_sound) return;
    const now = this.ports.now();
    if (now < (this.#reporting.get(hash) ?? 0)) return;
    this.#reporting.set(hash, now + REPORT_AGAIN_MS);
    void this.#tell(hash, has_sound);
  }

  async #tell(hash: string, has_sound: boolean): Promise<void> {
    try {
      await this.ports.report(hash, has_sound);
      this.#reported.set(hash, has_sound);
      this.#reporting.delete(hash);
    } catch {
      // The node was away or busy: it is told at a later tick.
    }
  }
}

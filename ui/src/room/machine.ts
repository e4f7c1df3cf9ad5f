/**
 * The life of one attendance, from the device check to leaving: a table of state and event.
 *
 * The machine does nothing itself. `step` takes the standing, an event and `now`, and returns the
 * next standing and what to do. It never gives up: each failure leads to `waiting`, and `waiting`
 * always ends in another attempt, without a reload. Whoever cannot hear is not sent either: after
 * `SILENCE_MS` without proof from the node, `stop_sending` comes before anything else.
 *
 * ```
 * ready ─join→ joining ─connected→ live ─media_faltered→ faltering ─connected→ live
 *                 │                 │                        │
 *           attempt_failed    socket_lost, silence,     media_lost, nudge
 *                 ↓           woke, media_lost               │
 *              waiting ─retry_due, nudge, woke→ mending ←────┘
 *                 ↑──────attempt_failed───────────┘ └─connected→ live
 * any ─replaced→ replaced ─take_back→ mending      any ─refused→ refused ─take_back→ mending
 * any ─ended→ ended      any ─leave→ left
 * ```
 */

export const STATES = [
  "ready",
  "joining",
  "live",
  "faltering",
  "mending",
  "waiting",
  "replaced",
  "refused",
  "ended",
  "left",
] as const;
/** Where an attendance stands. */
export type State = (typeof STATES)[number];

export const EVENTS = [
  "join",
  "connected",
  "media_faltered",
  "media_lost",
  "socket_lost",
  "silence",
  "attempt_failed",
  "retry_due",
  "woke",
  "nudge",
  "replaced",
  "refused",
  "ended",
  "take_back",
  "leave",
] as const;
/**
 * What can happen: `media_faltered` the network path is quiet, `media_lost` it is given up,
 * `silence` nothing heard for `SILENCE_MS`, `woke` the machine slept, `nudge` a sign that trying at
 * once is worth it (network back, page shown again).
 */
export type Event = (typeof EVENTS)[number];

/**
 * What the shell is to do: `abandon` drops the attempt under way, `close` the whole call as well.
 */
export type Act =
  | { readonly do: "attempt"; readonly is_fresh: boolean }
  | { readonly do: "abandon" }
  | { readonly do: "close" }
  | { readonly do: "stop_sending" }
  | { readonly do: "start_sending" }
  | { readonly do: "retry"; readonly delay_ms: number }
  | { readonly do: "say_leave" }
  | { readonly do: "release" };

/** Why the call is not whole at the moment. */
export type Cause = "media" | "socket" | "silence" | "sleep" | "attempt";

/** All the machine remembers. */
export interface Standing {
  readonly state: State;
  /** Attempts since the call was last whole. */
  readonly attempts: number;
  /** Nothing is sent, because nothing could be heard. */
  readonly is_silenced: boolean;
  readonly cause: Cause | null;
  /** When the next attempt is due, while waiting. */
  readonly retry_at: number | null;
}

/** Longer: people talk to nobody for longer. Shorter: one late beat on a bad Wi-Fi mutes a call. */
export const SILENCE_MS = 3_000;
/** Shorter: a node that restarts is hammered. Longer: a blip costs more than it has to. */
export const BACKOFF_MIN_MS = 200;
/** Longer: the call returns later than the network. Shorter: load and battery for nothing. */
export const BACKOFF_MAX_MS = 5_000;

/** The standing before anything happened. */
export const AT_FIRST: Standing = {
  state: "ready",
  attempts: 0,
  is_silenced: false,
  cause: null,
  retry_at: null,
};

/** Events that end an attendance the same way wherever it stands. */
const ENDINGS = {
  replaced: "replaced",
  refused: "refused",
  ended: "ended",
  leave: "left",
} as const;

/** Every pair of state and event; a pair that changes nothing names its own state. */
export const TRANSITIONS: Readonly<Record<State, Readonly<Record<Event, State>>>> = {
  ready: {
    ...staying("ready"),
    join: "joining",
    leave: "left",
    refused: "refused",
    ended: "ended",
  },
  joining: {
    ...staying("joining"),
    ...ENDINGS,
    connected: "live",
    media_lost: "waiting",
    socket_lost: "waiting",
    attempt_failed: "waiting",
    woke: "mending",
  },
  live: {
    ...staying("live"),
    ...ENDINGS,
    media_faltered: "faltering",
    media_lost: "mending",
    socket_lost: "mending",
    silence: "mending",
    woke: "mending",
  },
  faltering: {
    ...staying("faltering"),
    ...ENDINGS,
    connected: "live",
    media_lost: "mending",
    socket_lost: "mending",
    silence: "mending",
    woke: "mending",
    nudge: "mending",
  },
  mending: {
    ...staying("mending"),
    ...ENDINGS,
    connected: "live",
    media_lost: "waiting",
    socket_lost: "waiting",
    attempt_failed: "waiting",
  },
  waiting: {
    ...staying("waiting"),
    ...ENDINGS,
    retry_due: "mending",
    nudge: "mending",
    woke: "mending",
  },
  replaced: { ...staying("replaced"), take_back: "mending", ended: "ended", leave: "left" },
  refused: { ...staying("refused"), take_back: "mending", ended: "ended", leave: "left" },
  ended: { ...staying("ended"), leave: "left" },
  left: staying("left"),
};

/** Moves on by one event. */
export function step(
  from: Standing,
  event: Event,
  now: number,
): { readonly standing: Standing; readonly acts: readonly Act[] } {
  const state = TRANSITIONS[from.state][event];
  const acts = [...silencing(from, event, state), ...moving(from, event, state)];
  const standing: Standing = {
    state,
    attempts: attempts(from, state),
    is_silenced:
      state !== "live" && (from.is_silenced || acts.some((act) => act.do === "stop_sending")),
    cause: cause(from, event, state),
    retry_at: state === "waiting" ? (from.retry_at ?? now + backoff(from.attempts)) : null,
  };
  return { standing, acts };
}

/** Pause before the next attempt: doubles from 0.2 s to 5 s. */
export function backoff(failed: number): number {
  return Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** Math.min(failed, 10));
}

function staying<S extends State>(state: S): Record<Event, S> {
  return Object.fromEntries(EVENTS.map((event) => [event, state])) as Record<Event, S>;
}

/** States in which this person's media may leave the machine. */
const MAY_SEND: ReadonlySet<State> = new Set(["live", "mending", "waiting"]);
/** Events that prove that we do not hear. */
const DEAF: ReadonlySet<Event> = new Set(["silence", "media_faltered", "media_lost", "woke"]);

function silencing(from: Standing, event: Event, to: State): readonly Act[] {
  if (from.is_silenced || !MAY_SEND.has(from.state)) return [];
  return DEAF.has(event) || !MAY_SEND.has(to) ? [{ do: "stop_sending" }] : [];
}

function moving(from: Standing, event: Event, to: State): readonly Act[] {
  if (from.state === to) return [];
  switch (to) {
    case "joining":
      return [{ do: "attempt", is_fresh: false }];
    case "mending":
      // Only a lost medium leaves the socket worth keeping.
      return [{ do: "attempt", is_fresh: event !== "media_lost" }];
    case "live":
      return [{ do: "start_sending" }];
    case "waiting":
      return [{ do: "abandon" }, { do: "retry", delay_ms: backoff(from.attempts) }];
    case "left":
      return [{ do: "say_leave" }, { do: "close" }, { do: "release" }];
    case "ended":
    case "refused":
    case "replaced":
      return [{ do: "close" }];
    case "faltering":
    case "ready":
      return [];
  }
}

function attempts(from: Standing, to: State): number {
  if (to === "live" || to === "ready") return 0;
  return to === "waiting" && from.state !== "waiting" ? from.attempts + 1 : from.attempts;
}

const CAUSES: Partial<Record<Event, Cause>> = {
  media_faltered: "media",
  media_lost: "media",
  socket_lost: "socket",
  silence: "silence",
  woke: "sleep",
  attempt_failed: "attempt",
};

function cause(from: Standing, event: Event, to: State): Cause | null {
  if (to === "live" || to === "ready") return null;
  // While one cause is being mended, a failed attempt is no news.
  return from.cause ?? CAUSES[event] ?? null;
}

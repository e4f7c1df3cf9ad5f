/**
 * One person's attendance in one room: the shell around the machine.
 *
 * How a click becomes a picture. While the device check is shown, `prepare` opens the socket and
 * makes the offer, and the devices are capturing. `join` sends the offer in one frame; the answer
 * comes back in one; ICE and DTLS run against the node next door, and the picture of the far side
 * is asked for as soon as the roster names it, before the page has drawn a tile.
 *
 * What if it fails. Each attempt has its own transport; the old one stays, its last picture on the
 * screen, until the new one is connected. Sending stops when nothing has been heard for three
 * seconds. The machine decides when to try again; this file only does what it says.
 */
import type {
  Muted,
  Participant,
  ParticipantId,
  RoomFrame,
  RoomId,
  TrackKind,
  WatchWish,
} from "../api/types";
import type { Clock } from "./clock";
import type { Attendance, Mine, RoomSnapshot } from "./contract";
import type { Devices } from "./devices";
import { type Act, AT_FIRST, type Event, step } from "./machine";
import { Measuring } from "./measurement";
import { feed, starve, whatIsMuted, whatIsOn } from "./outgoing";
import type { OpenSignalling, Signalling } from "./signalling";
import { type MakeTransport, type Transport, type TransportState, VIDEO_SLOTS } from "./transport";
import { Vigil } from "./vigil";

/** All the outside world of an attendance; tests put fakes and virtual time in. */
export interface Surroundings {
  readonly clock: Clock;
  readonly devices: Devices;
  readonly openSignalling: OpenSignalling;
  readonly makeTransport: MakeTransport;
  /** Where the participant id survives a reload, so that the seat is taken again, not doubled. */
  readonly seat: { read(): ParticipantId | null; keep(id: ParticipantId | null): void };
  /** Whether the node still knows this person; null when it does not answer. */
  isSignedIn(): Promise<boolean | null>;
  /** Calls back when trying at once is worth it; the answer unsubscribes. */
  onNudge(act: () => void): () => void;
}

/** Without a word on its socket an attempt goes nowhere: a new one gets through sooner. */
const OPENING_MS = 4_000;
/**
 * While the node is heard an attempt is given this long, and once and twice more the next times: a
 * device or node under load must not be made to begin again for ever.
 */
const ATTEMPT_MS = 8_000;
/** A quiet path often returns by itself; after this a new transport is quicker. */
const FALTERING_MS = 3_000;
/** Until the page has measured its tiles: enough for a picture that is not worse than needed. */
const FIRST_HEIGHT_PX = 360;

/** Refusals that another attempt cannot change; a person has to act. */
const FINAL = new Set(["room.closed", "room.unknown", "sign_in.needed", "web.origin_refused"]);

interface Attempt {
  readonly transport: Transport;
  cancelTimer: () => void;
}

/** One attendance; made at the device check, ended by leaving. */
export class Participation implements Attendance {
  #snapshot: RoomSnapshot;
  readonly #listeners = new Set<() => void>();
  readonly #vigil: Vigil;
  readonly #stop: (() => void)[] = [];
  #signalling: Signalling | null = null;
  #transport: Transport | null = null;
  #prepared: Transport | null = null;
  #attempt: Attempt | null = null;
  #cancelRetry: (() => void) | null = null;
  #cancelFaltering: (() => void) | null = null;
  #hasJoined = false;
  #saidMuted = "";
  readonly #measuring = new Measuring();

  constructor(
    room: RoomId,
    private readonly around: Surroundings,
  ) {
    this.#snapshot = atFirst(room, around.devices.snapshot().choices);
    this.#vigil = new Vigil(around.clock, {
      silent: () => this.#happen("silence"),
      woke: () => this.#happen("woke"),
      second: () => this.#second(),
    });
    this.#stop.push(
      around.devices.subscribe(() => this.#devicesChanged()),
      around.onNudge(() => {
        this.#vigil.look();
        this.#happen("nudge");
      }),
    );
  }

  get devices(): Devices {
    return this.around.devices;
  }

  snapshot = (): RoomSnapshot => this.#snapshot;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  prepare(): void {
    if (this.#snapshot.standing.state !== "ready") return;
    this.#prepared ??= this.#makeTransport();
    if (this.#signalling === null) this.#openSignalling();
  }

  join(): void {
    this.#vigil.heard();
    this.#vigil.start();
    this.#happen("join");
  }

  leave(): void {
    this.#happen("leave");
  }

  takeBack(): void {
    this.#put({ refusal: null });
    this.#happen("take_back");
  }

  keepToVoice(): void {
    this.#put({ is_voice_only: true });
    for (const kind of ["camera", "screen"] as const) this.turn(kind, false);
  }

  turn(kind: TrackKind, isOn: boolean): void {
    if (isOn && kind !== "microphone" && this.#snapshot.is_voice_only) return;
    this.#put({ mine: { ...this.#snapshot.mine, [kind]: isOn } });
    if (isOn) void this.devices.open(kind);
    else if (kind !== "microphone") this.devices.close(kind);
    this.#sayMuted();
    this.#feed(this.#transport);
  }

  holdTalk(isHeld: boolean): void {
    if (this.#snapshot.is_talk_held === isHeld) return;
    this.#put({ is_talk_held: isHeld });
    if (isHeld) void this.devices.open("microphone");
    this.#sayMuted();
    this.#feed(this.#transport);
  }

  watch(wishes: readonly WatchWish[]): void {
    if (JSON.stringify(wishes) === JSON.stringify(this.#snapshot.wishes)) return;
    this.#put({ wishes });
    if (this.#hasJoined) this.#signalling?.say({ type: "watch", slots: wishes });
  }

  // --- the machine -------------------------------------------------------------------------

  #happen(event: Event): void {
    const { standing, acts } = step(this.#snapshot.standing, event, this.around.clock.now());
    this.#put({ standing, heard_at: this.#vigil.heard_at });
    for (const act of acts) this.#do(act);
  }

  #do(act: Act): void {
    switch (act.do) {
      case "attempt":
        this.#try(act.is_fresh);
        return;
      case "abandon":
        this.#abandon();
        return;
      case "close":
        this.#close();
        return;
      case "stop_sending":
        if (this.#transport !== null) starve(this.#transport);
        return;
      case "start_sending":
        this.#feed(this.#transport);
        return;
      case "retry":
        this.#cancelRetry?.();
        this.#cancelRetry = this.around.clock.after(act.delay_ms, () => this.#happen("retry_due"));
        return;
      case "say_leave":
        this.around.seat.keep(null);
        this.#signalling?.say({ type: "leave" });
        return;
      case "release":
        this.#vigil.stop();
        for (const stop of this.#stop.splice(0)) stop();
        this.devices.release();
    }
  }

  #try(isFresh: boolean): void {
    this.#cancelRetry?.();
    this.#cancelFaltering?.();
    this.#abandon();
    this.#hasJoined = false;
    if (isFresh || this.#signalling?.isOpen === false) this.#closeSignalling();
    if (this.#signalling === null) this.#openSignalling();
    const transport = this.#prepared ?? this.#makeTransport();
    this.#prepared = null;
    const attempt: Attempt = { transport, cancelTimer: () => undefined };
    this.#attempt = attempt;
    this.#limit(attempt);
    // Nothing flows before the relay has answered, which is proof that we hear it.
    this.#feed(transport);
    void this.#ask(attempt);
  }

  #limit(attempt: Attempt): void {
    const { clock } = this.around;
    const started_at = clock.now();
    const fail = () => this.#happen("attempt_failed");
    const patience = ATTEMPT_MS * (1 + Math.min(this.#snapshot.standing.attempts, 2));
    attempt.cancelTimer = clock.after(OPENING_MS, () => {
      if (this.#vigil.heard_at <= started_at) fail();
      else attempt.cancelTimer = clock.after(patience - OPENING_MS, fail);
    });
  }

  async #ask(attempt: Attempt): Promise<void> {
    try {
      const offer = await attempt.transport.offer;
      if (this.#attempt !== attempt) return;
      const resume = this.around.seat.read();
      this.#signalling?.say({ type: "join", offer, resume, muted: this.#muted() });
    } catch {
      if (this.#attempt === attempt) this.#happen("attempt_failed");
    }
  }

  #abandon(): void {
    this.#attempt?.cancelTimer();
    this.#attempt?.transport.close();
    this.#attempt = null;
  }

  #close(): void {
    this.#cancelRetry?.();
    this.#cancelFaltering?.();
    this.#abandon();
    this.#prepared?.close();
    this.#prepared = null;
    this.#transport?.close();
    this.#transport = null;
    this.#closeSignalling();
    this.#put({ speakers: [], streams: null, hops: null });
  }

  // --- the socket --------------------------------------------------------------------------

  #openSignalling(): void {
    // Events of a socket that is no longer the current one are of no interest.
    let mine: Signalling | null = null;
    const isCurrent = () => mine === null || this.#signalling === mine;
    mine = this.around.openSignalling({
      heard: (frame) => {
        if (!isCurrent()) return;
        this.#vigil.heard();
        this.#heard(frame);
      },
      lost: (wasEverOpen) => {
        if (!isCurrent()) return;
        this.#signalling = null;
        this.#hasJoined = false;
        this.#happen("socket_lost");
        if (!wasEverOpen) void this.#askWhetherSignedIn();
      },
    });
    this.#signalling = mine;
  }

  #closeSignalling(): void {
    this.#signalling?.close();
    this.#signalling = null;
    this.#hasJoined = false;
  }

  async #askWhetherSignedIn(): Promise<void> {
    if ((await this.around.isSignedIn()) === false) this.#refused("sign_in.needed", {});
  }

  #heard(frame: RoomFrame): void {
    switch (frame.type) {
      case "joined":
        void this.#joined(frame);
        return;
      case "roster":
        this.#put({ roster: frame.participants });
        this.#wishAtFirst(frame.participants);
        return;
      case "slots":
        this.#put({ audio: frame.audio, video: frame.video });
        return;
      case "speakers":
        this.#put({ speakers: frame.tracks });
        return;
      case "quality":
        this.#put({ hops: frame.hops });
        return;
      case "replaced":
        // The seat is another page's. A node refuses whoever resumes it, so that an old tab that
        // wakes up puts nobody out; taking it back is a person's act and a new join.
        this.around.seat.keep(null);
        this.#happen("replaced");
        return;
      case "refused":
        this.#refused(frame.code, frame.params);
        return;
      case "ended":
        this.#ended(frame.reason);
        return;
      case "beat":
        this.#put({ heard_at: this.#vigil.heard_at });
    }
  }

  async #joined(frame: Extract<RoomFrame, { type: "joined" }>): Promise<void> {
    const attempt = this.#attempt;
    if (attempt === null) return;
    this.around.seat.keep(frame.participant_id);
    this.#hasJoined = true;
    this.#put({ self: frame.participant_id });
    this.#sayMuted();
    this.#wishAtFirst(this.#snapshot.roster);
    const { wishes } = this.#snapshot;
    if (wishes !== null) this.#signalling?.say({ type: "watch", slots: wishes });
    try {
      await attempt.transport.accept(frame.answer, frame.slots);
    } catch {
      if (this.#attempt === attempt) this.#happen("attempt_failed");
      return;
    }
    // At the first join there is no older picture worth keeping.
    if (this.#transport === null) this.#put({ streams: attempt.transport.streams });
  }

  #ended(reason: string): void {
    if (reason === "stopping" || reason === "fault") {
      // The node or its engine starts anew: the seat is taken again by itself.
      this.#closeSignalling();
      this.#happen("socket_lost");
      return;
    }
    this.#put({ ended_reason: reason });
    this.around.seat.keep(null);
    this.#happen("ended");
  }

  #refused(code: string, params: NonNullable<RoomSnapshot["refusal"]>["params"]): void {
    const { state } = this.#snapshot.standing;
    if (code === "room.not_joined") {
      // The node lost our seat (it restarted behind a proxy): take it again on the same socket.
      if (state === "live") this.#happen("media_lost");
      return;
    }
    // A node that has just started may not know its rooms yet; whoever had a seat keeps asking.
    const isFinal =
      FINAL.has(code) && !(code === "room.unknown" && this.around.seat.read() !== null);
    this.#put({ refusal: { code, params } });
    if (isFinal) this.#happen("refused");
    else if (this.#attempt !== null) this.#happen("attempt_failed");
  }

  // --- media -------------------------------------------------------------------------------

  #makeTransport(): Transport {
    let mine: Transport | null = null;
    mine = this.around.makeTransport((state) => {
      if (mine !== null) this.#transportChanged(mine, state);
    });
    return mine;
  }

  #transportChanged(transport: Transport, state: TransportState): void {
    if (transport === this.#attempt?.transport) {
      if (state === "connected") this.#promote(this.#attempt);
      if (state === "lost") this.#happen("attempt_failed");
      return;
    }
    if (transport !== this.#transport || this.#attempt !== null) return;
    this.#cancelFaltering?.();
    if (state === "connected") this.#happen("connected");
    if (state === "lost") this.#happen("media_lost");
    if (state !== "faltering") return;
    this.#cancelFaltering = this.around.clock.after(FALTERING_MS, () => this.#happen("media_lost"));
    this.#happen("media_faltered");
  }

  #promote(attempt: Attempt): void {
    attempt.cancelTimer();
    this.#attempt = null;
    this.#transport?.close();
    this.#transport = attempt.transport;
    this.#measuring.restart();
    this.#put({ streams: attempt.transport.streams, refusal: null });
    this.#happen("connected");
  }

  #feed(transport: Transport | null): void {
    if (transport === null) return;
    if (transport === this.#transport && this.#snapshot.standing.is_silenced) return;
    feed(transport, this.#on(), this.devices.snapshot());
  }

  #devicesChanged(): void {
    const { screen, microphone } = this.devices.snapshot();
    const { mine } = this.#snapshot;
    // The browser's own "stop sharing" button, and a window that was never chosen.
    const isShareOver = mine.screen && screen.track === null && !screen.is_opening;
    if (isShareOver) this.#put({ mine: { ...mine, screen: false } });
    if (microphone.track !== null) microphone.track.enabled = this.#on().microphone;
    this.#sayMuted();
    this.#feed(this.#transport);
    if (this.#attempt !== null) this.#feed(this.#attempt.transport);
  }

  #on(): Mine {
    const { mine, is_talk_held } = this.#snapshot;
    return whatIsOn(mine, is_talk_held, this.devices.snapshot());
  }

  /** What is muted at this moment; whoever asks for it says it to the node. */
  #muted(): Muted {
    const muted = whatIsMuted(this.#on());
    this.#saidMuted = JSON.stringify(muted);
    return muted;
  }

  #sayMuted(): void {
    // Between the join and its answer nothing can be said; what changes then is said after it.
    if (!this.#hasJoined) return;
    if (JSON.stringify(whatIsMuted(this.#on())) === this.#saidMuted) return;
    this.#signalling?.say({ type: "muted", ...this.#muted() });
  }

  // --- wishes and measurements -------------------------------------------------------------

  #wishAtFirst(roster: readonly Participant[]): void {
    if (this.#snapshot.wishes !== null) return;
    const tracks = roster
      .filter((participant) => !participant.is_self)
      .flatMap((participant) => participant.tracks)
      .filter((track) => track.kind !== "microphone" && !track.muted)
      .slice(0, VIDEO_SLOTS);
    if (tracks.length === 0) return;
    this.watch(tracks.map((track, slot) => ({ slot, track: track.id, height: FIRST_HEIGHT_PX })));
  }

  #second(): void {
    this.#signalling?.say({ type: "beat" });
    if (this.#transport !== null) void this.#measure(this.#transport);
  }

  async #measure(transport: Transport): Promise<void> {
    const stats = await transport.stats().catch(() => null);
    if (stats === null || transport !== this.#transport) return;
    const measured = this.#measuring.take(stats, this.around.clock.now());
    if (measured === null) return;
    this.#put({ report: measured });
    if (this.#hasJoined) this.#signalling?.say({ type: "report", ...measured });
  }

  #put(change: Partial<RoomSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change };
    for (const listener of this.#listeners) listener();
  }
}

function atFirst(
  room: RoomId,
  choices: { joins_with_microphone: boolean; joins_with_camera: boolean },
): RoomSnapshot {
  return {
    room,
    standing: AT_FIRST,
    heard_at: null,
    self: null,
    roster: [],
    audio: [],
    video: [],
    speakers: [],
    hops: null,
    report: null,
    streams: null,
    mine: {
      microphone: choices.joins_with_microphone,
      camera: choices.joins_with_camera,
      screen: false,
    },
    wishes: null,
    is_talk_held: false,
    is_voice_only: false,
    refusal: null,
    ended_reason: null,
  };
}

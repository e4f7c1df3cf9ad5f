/** What views may know of the room: plain snapshots and acts, no WebRTC. */
import type {
  AudioSlot,
  Hops,
  Params,
  Participant,
  ParticipantId,
  Report,
  RoomId,
  TrackId,
  TrackKind,
  VideoSlot,
  WatchWish,
} from "../api/types";
import type { DevicesSnapshot } from "./devices";
import type { Choices } from "./choices";
import type { Standing } from "./machine";
import type { SlotStreams } from "./transport";

export type { Choices, DevicesSnapshot, SlotStreams, Standing };
export type { DeviceChoice, DeviceStanding } from "./devices";
export type { Cause, State } from "./machine";

/** Which of one's own media are meant to be on. */
export type Mine = Readonly<Record<TrackKind, boolean>>;

/** All a room page shows; the same object until something changes. */
export interface RoomSnapshot {
  readonly room: RoomId;
  readonly standing: Standing;
  /** When the node was last heard, by this machine's clock. */
  readonly heard_at: number | null;
  readonly self: ParticipantId | null;
  readonly roster: readonly Participant[];
  readonly audio: readonly AudioSlot[];
  readonly video: readonly VideoSlot[];
  readonly speakers: readonly TrackId[];
  readonly hops: Hops | null;
  readonly report: Report | null;
  readonly streams: SlotStreams | null;
  readonly mine: Mine;
  /** What the relay was last asked to show; null before anything was asked. */
  readonly wishes: readonly WatchWish[] | null;
  /** The microphone is open only while a key or button is held. */
  readonly is_talk_held: boolean;
  /** Both sides agreed to speak and not to be seen: neither camera nor screen is asked for. */
  readonly is_voice_only: boolean;
  readonly refusal: { readonly code: string; readonly params: Params } | null;
  readonly ended_reason: string | null;
}

/** One attendance in one room, as views use it. */
export interface Attendance {
  readonly snapshot: () => RoomSnapshot;
  readonly subscribe: (listener: () => void) => () => void;
  readonly devices: {
    readonly snapshot: () => DevicesSnapshot;
    readonly subscribe: (listener: () => void) => () => void;
    openBoth(): Promise<void>;
    open(kind: TrackKind): Promise<void>;
    close(kind: TrackKind): void;
    choose(change: Partial<Choices>): Promise<void>;
  };
  /** Opens the socket and makes the offer, so that joining costs one question and answer. */
  prepare(): void;
  join(): void;
  leave(): void;
  takeBack(): void;
  turn(kind: TrackKind, isOn: boolean): void;
  /** Sends the voice alone from now on; what else is on is turned off. */
  keepToVoice(): void;
  holdTalk(isHeld: boolean): void;
  watch(wishes: readonly WatchWish[]): void;
}

/** Sound for the device check. */
export interface SoundCheck {
  readonly meter: (track: MediaStreamTrack, report: (level: number) => void) => () => void;
  readonly playTone: (speaker: string | null) => Promise<void>;
  readonly wakeGraph: () => void;
}

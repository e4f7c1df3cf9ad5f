/**
 * What the node and its page say to each other, exactly as on the wire (JSON, snake_case).
 *
 * Times are RFC 3339 instants in UTC; ids are the lower-case base32 texts of the protocol.
 */

declare const brand: unique symbol;
type Id<Name extends string> = string & { readonly [brand]: Name };
/** A party: the first 16 bytes of the hash of its key. */
export type PartyId = Id<"party">;
/** A room where media meets. */
export type RoomId = Id<"room">;
/** One attendance of one person in one room. */
export type ParticipantId = Id<"participant">;
/** `<participant>/<index>`: one medium from one participant. */
export type TrackId = Id<"track">;
/** An instant as text, RFC 3339. */
export type InstantText = string;

/** A named institution. */
export interface Party {
  readonly id: PartyId;
  readonly name: string;
}
/** A party whose local time is shown beside ours, and what is spoken at its desk. */
export interface SpeakingParty extends Party {
  /** The first one preferred. */
  readonly languages: readonly string[];
  readonly time_zone: string;
}

/** How a person got in. */
export type SignedInBy = "link" | "passkey" | "oidc";

/** Who is signed in, at which node. */
export interface Self {
  readonly person: {
    readonly id: string;
    readonly name: string;
    readonly language: string;
    readonly appearance: string | null;
    readonly role: string;
  };
  readonly party: SpeakingParty;
  readonly node: { readonly version: string; readonly started_at: InstantText };
  readonly roles: readonly string[];
  /** Offices the person belongs to. */
  readonly offices: readonly {
    readonly id: string;
    readonly name: string;
    readonly is_on_duty: boolean;
  }[];
  /** What the person may do, as acts of the permission table. */
  readonly may: readonly string[];
  readonly signed_in_by: string | null;
  /** Until when the last use of a passkey counts for acts that bind. */
  readonly stepped_up_until: InstantText | null;
  readonly has_passkey: boolean | null;
}

export const LINE_STATES = ["unconfirmed", "cold", "up", "degraded", "cut", "suspended"] as const;
/** The state of the standing link between two nodes. */
export type LineState = (typeof LINE_STATES)[number];
export const PATH_STATES = ["cold", "up", "suspect", "down"] as const;
/** The state of one network route of a line. */
export type PathState = (typeof PATH_STATES)[number];

/** One network route of a line, as last measured. */
export interface Path {
  readonly name: string;
  readonly carrier: string;
  readonly state: PathState;
  readonly rtt_ms: number | null;
  /** Share of packets lost towards us, 0 to 1. */
  readonly loss_in: number | null;
  /** Share of packets lost towards the other party, 0 to 1. */
  readonly loss_out: number | null;
  readonly rate_bps: number | null;
  readonly last_proof_at: InstantText | null;
  /** The largest packet known to pass, where the path needs more than that. */
  readonly narrow_mtu: number | null;
}
/** One urgency class of a line: what it has carried and what waits. */
export interface Lane {
  readonly lane: number;
  readonly bytes_sent: number;
  readonly bytes_received: number;
  readonly queued: number;
}
/** A line to one other party. */
export interface Line {
  readonly party: SpeakingParty;
  readonly state: LineState;
  readonly since: InstantText;
  readonly last_proof_at: InstantText | null;
  readonly agreement: { readonly ours_confirmed: boolean; readonly theirs_confirmed: boolean };
  /** By how much the other party's clock is ahead of ours, as far as known. */
  readonly clock_skew_s: number | null;
  /** The clocks differ by more than deadlines can bear. */
  readonly clock_is_skewed: boolean | null;
  readonly card_expires_at: InstantText | null;
  readonly paths: readonly Path[];
  readonly lanes: readonly Lane[];
  /** Of a line on which nothing comes, what is silent as far as that is proved. */
  readonly silence: LineSilence | null;
}
/** What of the other party is silent. */
export type LineSilence = (typeof LINE_SILENCES)[number];
export const LINE_SILENCES = ["path", "node", "path_or_node"] as const;

/** Somebody in a room, as the desk shows it. */
export interface RoomAttendance {
  readonly id: ParticipantId;
  readonly name: string;
  readonly party: Party;
}
/** A room as the desk shows it; `parties` is the agreed order. */
export interface Room {
  readonly id: RoomId;
  readonly title: string;
  readonly opened_by: { readonly party: Party; readonly person_name: string };
  readonly opened_at: InstantText;
  readonly parties: readonly Party[];
  readonly participants: readonly RoomAttendance[];
  readonly state: "open" | "closed";
  /** Whether only named people of ours may enter. */
  readonly is_restricted: boolean;
  /** Whether it is the room of an exercise's call. */
  readonly is_exercise: boolean;
}
/** What was set aside, counted by reason. */
export interface Refusal {
  /** A code of protocol/errors.toml. */
  readonly reason: string;
  /** Whom it came from, where that is proved. */
  readonly party: PartyId | null;
  readonly count: number;
  readonly last_at: InstantText | null;
}

export const TRACK_KINDS = ["microphone", "camera", "screen"] as const;
/** What a track shows or sounds. */
export type TrackKind = (typeof TRACK_KINDS)[number];
/** One medium from one participant. */
export interface Track {
  readonly id: TrackId;
  readonly kind: TrackKind;
  readonly muted: boolean;
  readonly layers: readonly number[];
}
/** Somebody in the room, with what they offer. */
export interface Participant {
  readonly id: ParticipantId;
  readonly name: string;
  readonly party: Party;
  readonly is_self: boolean;
  readonly is_local: boolean;
  readonly route: readonly PartyId[];
  readonly tracks: readonly Track[];
}
export const WITHHELD_REASONS = ["rate", "paused", "muted", "own_way"] as const;
/** Why a wanted track is not sent. */
export type Withheld = (typeof WITHHELD_REASONS)[number];
/** What one of the three audio slots carries. */
export interface AudioSlot {
  readonly slot: number;
  readonly track: TrackId | null;
}
/** What one of the eight video slots carries. */
export interface VideoSlot {
  readonly slot: number;
  readonly track: TrackId | null;
  /** 0 quarter, 1 half, 2 full size. */
  readonly layer: number | null;
  readonly withheld: Withheld | null;
}
export const LEVELS = ["good", "fair", "poor", "cut", "unknown"] as const;
/** How well one hop does. */
export type Level = (typeof LEVELS)[number];
/** One hop between two people, measured. */
export interface Hop {
  readonly level: Level;
  readonly rtt_ms: number | null;
  readonly loss: number | null;
  readonly rate_bps: number | null;
}
/** The line's hop names its party: a room may reach several. */
export interface LineHop extends Hop {
  readonly party_id: PartyId | null;
}
/** The last hop of one other participant. */
export interface DeviceHop extends LineHop {
  readonly participant_id: ParticipantId | null;
}
/** Quality from this person's device to the other's, hop by hop; the single ones are the worst. */
export interface Hops {
  readonly my_device: Hop;
  readonly my_node: Hop;
  readonly line: readonly LineHop[];
  readonly their_node: Hop;
  readonly their_device: Hop;
  readonly their_nodes: readonly LineHop[];
  readonly their_devices: readonly DeviceHop[];
}
/** Safe parameters of a refusal. */
export type Params = Readonly<Record<string, string | number | boolean | null>>;

/** Frames of `WS /api/rooms/{id}/participate`, node to page. */
export type RoomFrame =
  | {
      readonly type: "joined";
      readonly participant_id: ParticipantId;
      readonly answer: string;
      readonly slots: { readonly video: readonly string[]; readonly audio: readonly string[] };
    }
  | { readonly type: "roster"; readonly participants: readonly Participant[] }
  | {
      readonly type: "slots";
      readonly audio: readonly AudioSlot[];
      readonly video: readonly VideoSlot[];
    }
  | { readonly type: "speakers"; readonly tracks: readonly TrackId[] }
  | { readonly type: "quality"; readonly hops: Hops }
  | { readonly type: "beat"; readonly at: InstantText }
  | { readonly type: "replaced" }
  | { readonly type: "refused"; readonly code: string; readonly params: Params }
  | { readonly type: "ended"; readonly reason: string };

/** Which of one's own media are muted. */
export interface Muted {
  readonly microphone: boolean;
  readonly camera: boolean;
  readonly screen: boolean;
}
/** One wish: this track in this slot, shown this high. */
export interface WatchWish {
  readonly slot: number;
  readonly track: TrackId;
  /** Height of the tile in device pixels; the relay picks the smallest layer that fills it. */
  readonly height: number;
}
/** What the page measures of its own hop, once a second. */
export interface Report {
  readonly rtt_ms: number | null;
  readonly loss_in: number | null;
  readonly loss_out: number | null;
  readonly concealed_ratio: number | null;
  readonly freeze_ratio: number | null;
  readonly sending: {
    readonly audio_bps: number;
    readonly video_bps: number;
    readonly screen_bps: number;
    readonly limited_by: "none" | "cpu" | "bandwidth" | "other";
  };
}
/** Frames of `WS /api/rooms/{id}/participate`, page to node. */
export type RoomRequest =
  | {
      readonly type: "join";
      readonly offer: string;
      readonly resume: ParticipantId | null;
      readonly muted: Muted;
    }
  | { readonly type: "watch"; readonly slots: readonly WatchWish[] }
  | ({ readonly type: "muted" } & Muted)
  | ({ readonly type: "report" } & Report)
  | { readonly type: "beat" }
  | { readonly type: "leave" };

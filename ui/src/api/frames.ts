/** Readers of everything the node sends: the page trusts no frame it has not read here. */
import type * as wire from "./types";
import {
  LEVELS,
  LINE_SILENCES,
  LINE_STATES,
  PATH_STATES,
  TRACK_KINDS,
  WITHHELD_REASONS,
} from "./types";
import type { DeskFrame, NodeState } from "./desk-types";
import * as read from "./decode";
import type { Reader } from "./decode";
import { party, partyId } from "./party";
import { brokenGlass, duress } from "./people-frames";
import { spaces } from "./record-frames";

const participantId = read.id<wire.ParticipantId>();
const trackId = read.id<wire.TrackId>();

const speakingParty = read.shape<wire.SpeakingParty>({
  id: partyId,
  name: read.text,
  languages: read.list(read.text),
  time_zone: read.text,
});

/** Reads the answer of `GET /api/self`. */
export const self = read.shape<wire.Self>({
  person: read.shape<wire.Self["person"]>({
    id: read.text,
    name: read.text,
    language: read.text,
    appearance: read.orNull(read.text),
    role: read.text,
  }),
  party: speakingParty,
  node: read.shape<wire.Self["node"]>({ version: read.text, started_at: read.text }),
  roles: orNone(read.text),
  offices: orNone(
    read.shape<wire.Self["offices"][number]>({
      id: read.text,
      name: read.text,
      is_on_duty: read.flag,
    }),
  ),
  may: orNone(read.text),
  signed_in_by: read.orNull(read.text),
  stepped_up_until: read.orNull(read.text),
  has_passkey: read.orNull(read.flag),
});

/** A list that an older node leaves out is empty. */
function orNone<T>(reader: Reader<T>): Reader<readonly T[]> {
  const list = read.list(reader);
  return (value, at) => (value === null || value === undefined ? [] : list(value, at));
}

const path = read.shape<wire.Path>({
  name: read.text,
  carrier: read.text,
  state: read.oneOf(PATH_STATES),
  rtt_ms: read.orNull(read.number),
  loss_in: read.orNull(read.number),
  loss_out: read.orNull(read.number),
  rate_bps: read.orNull(read.number),
  last_proof_at: read.orNull(read.text),
  narrow_mtu: read.orNull(read.number),
});
const lane = read.shape<wire.Lane>({
  lane: read.number,
  bytes_sent: read.number,
  bytes_received: read.number,
  queued: read.number,
});
/** Reads one line. */
export const line = read.shape<wire.Line>({
  party: speakingParty,
  state: read.oneOf(LINE_STATES),
  since: read.text,
  last_proof_at: read.orNull(read.text),
  agreement: read.shape<wire.Line["agreement"]>({
    ours_confirmed: read.flag,
    theirs_confirmed: read.flag,
  }),
  clock_skew_s: read.orNull(read.number),
  clock_is_skewed: read.orNull(read.flag),
  card_expires_at: read.orNull(read.text),
  paths: read.list(path),
  lanes: read.list(lane),
  silence: read.orNull(read.oneOf(LINE_SILENCES)),
});

/** Reads one room of the desk. */
export const room = read.shape<wire.Room>({
  id: read.id<wire.RoomId>(),
  title: read.text,
  opened_by: read.shape<wire.Room["opened_by"]>({ party, person_name: read.text }),
  opened_at: read.text,
  parties: read.list(party),
  participants: read.list(
    read.shape<wire.RoomAttendance>({ id: participantId, name: read.text, party }),
  ),
  state: read.oneOf(["open", "closed"]),
  is_restricted: read.flag,
  is_exercise: read.flag,
});
const refusal = read.shape<wire.Refusal>({
  reason: read.text,
  party: read.orNull(partyId),
  count: read.number,
  last_at: read.orNull(read.text),
});

/** Reads the answer of `GET /api/lines`. */
export const lines = read.shape<{ lines: readonly wire.Line[] }>({ lines: read.list(line) });
/** Reads the answer of `GET /api/rooms`. */
export const rooms = read.shape<{ rooms: readonly wire.Room[] }>({ rooms: read.list(room) });
/** Reads the answer of `GET /api/refusals`. */
export const refusals = read.shape<{ refusals: readonly wire.Refusal[] }>({
  refusals: read.list(refusal),
});
/** Reads problem+json (RFC 9457) as far as the page uses it. */
export const problem = read.shape<{ code: string | null; params: wire.Params | null }>({
  code: read.orNull(read.text),
  params: read.orNull(read.record(read.scalar)),
});

/** Reads a frame of `WS /api/desk`; null for a type this page does not know. */
export const deskFrame: Reader<DeskFrame | null> = read.tagged<DeskFrame>({
  // The node sends the fields of Self beside the type.
  self: (value, at) => ({ type: "self", self: self(value, at) }),
  lines: (value, at) => ({ type: "lines", ...lines(value, at) }),
  rooms: (value, at) => ({ type: "rooms", ...rooms(value, at) }),
  record: (value, at) => ({ type: "record", ...spaces(value, at) }),
  break_glass: (value, at) => ({ type: "break_glass", ...brokenGlass(value, at) }),
  duress: (value, at) => ({ type: "duress", ...duress(value, at) }),
  alerts: (value, at) => ({ type: "alerts", ...changes(value, at) }),
  node: (value, at) => ({ type: "node", ...nodeState(value, at) }),
  beat: (value, at) => ({ type: "beat", ...beat(value, at) }),
});

const changes = read.shape<{ number: number }>({ number: read.number });
const nodeState = read.shape<NodeState>({
  troubles: read.list(read.text),
  backup_at: read.orNull(read.text),
});
const beat = read.shape<{ at: string }>({ at: read.text });
const track = read.shape<wire.Track>({
  id: trackId,
  kind: read.oneOf(TRACK_KINDS),
  muted: read.flag,
  layers: read.list(read.number),
});
const participant = read.shape<wire.Participant>({
  id: participantId,
  name: read.text,
  party,
  is_self: read.flag,
  is_local: read.flag,
  route: read.list(partyId),
  tracks: read.list(track),
});
const measured = {
  level: read.oneOf(LEVELS),
  rtt_ms: read.orNull(read.number),
  loss: read.orNull(read.number),
  rate_bps: read.orNull(read.number),
};
const unknownHop: wire.Hop = { level: "unknown", rtt_ms: null, loss: null, rate_bps: null };
const someHop = read.shape<wire.Hop>(measured);
/** A hop that the node cannot see yet may be absent: it is shown as unknown. */
const hop: Reader<wire.Hop> = (value, at) =>
  value === null || value === undefined ? unknownHop : someHop(value, at);
const partyHop = read.shape<wire.LineHop>({ ...measured, party_id: read.orNull(partyId) });
const deviceHop = read.shape<wire.DeviceHop>({
  ...measured,
  party_id: read.orNull(partyId),
  participant_id: read.orNull(participantId),
});
const hops = read.shape<wire.Hops>({
  my_device: hop,
  my_node: hop,
  line: read.list(partyHop),
  their_node: hop,
  their_device: hop,
  their_nodes: orNone(partyHop),
  their_devices: orNone(deviceHop),
});
const joined = read.shape<Omit<Extract<wire.RoomFrame, { type: "joined" }>, "type">>({
  participant_id: participantId,
  answer: read.text,
  slots: read.shape<{ video: readonly string[]; audio: readonly string[] }>({
    video: read.list(read.text),
    audio: read.list(read.text),
  }),
});
const slots = read.shape<Omit<Extract<wire.RoomFrame, { type: "slots" }>, "type">>({
  audio: read.list(read.shape<wire.AudioSlot>({ slot: read.number, track: read.orNull(trackId) })),
  video: read.list(
    read.shape<wire.VideoSlot>({
      slot: read.number,
      track: read.orNull(trackId),
      layer: read.orNull(read.number),
      withheld: read.orNull(read.oneOf(WITHHELD_REASONS)),
    }),
  ),
});
const roster = read.shape<{ participants: readonly wire.Participant[] }>({
  participants: read.list(participant),
});
const speakers = read.shape<{ tracks: readonly wire.TrackId[] }>({ tracks: read.list(trackId) });
const quality = read.shape<{ hops: wire.Hops }>({ hops });
const refused = read.shape<{ code: string; params: wire.Params | null }>({
  code: read.text,
  params: read.orNull(read.record(read.scalar)),
});
const ended = read.shape<{ reason: string }>({ reason: read.text });

/** Reads a frame of `WS /api/rooms/{id}/participate`; null for a type this page does not know. */
export const roomFrame: Reader<wire.RoomFrame | null> = read.tagged<wire.RoomFrame>({
  joined: (value, at) => ({ type: "joined", ...joined(value, at) }),
  roster: (value, at) => ({ type: "roster", ...roster(value, at) }),
  slots: (value, at) => ({ type: "slots", ...slots(value, at) }),
  speakers: (value, at) => ({ type: "speakers", ...speakers(value, at) }),
  quality: (value, at) => ({ type: "quality", ...quality(value, at) }),
  beat: (value, at) => ({ type: "beat", ...beat(value, at) }),
  replaced: () => ({ type: "replaced" }),
  refused: (value, at) => {
    const { code, params } = refused(value, at);
    return { type: "refused", code, params: params ?? {} };
  },
  ended: (value, at) => ({ type: "ended", ...ended(value, at) }),
});

/** What the fake node knows: parties, lines, rooms and people as a real node would tell them. */
import type {
  Hops,
  Line,
  Participant,
  ParticipantId,
  Party,
  PartyId,
  Refusal,
  Room,
  RoomId,
  Self,
  TrackId,
  VideoSlot,
} from "../src/api/types";

/** The instant at which every scene is set; ages are counted back from it. */
export type Seconds = number;

const ago = (seconds: Seconds) => new Date(Date.now() - seconds * 1_000).toISOString();

/** Ours and theirs are the parties of the protocol's vectors, whose record can really be checked. */
export const OURS: Party = {
  id: "rop5efu3hemztrheudzvsynvd4" as PartyId,
  name: "Ministry of Health, Tashkent",
};
export const THEIRS: Party = {
  id: "puuqoyq5neizdstutnpxeff6mm" as PartyId,
  name: "国家卫生中心, Beijing",
};
export const THIRD: Party = { id: "cccccccccccccccccccccccccc" as PartyId, name: "Клиника Астана" };
export const FOURTH: Party = {
  id: "dddddddddddddddddddddddddd" as PartyId,
  name: "د روغتیا وزارت، کابل",
};
export const ROOM = "rrrrrrrrrrrrrrrrrrrrrrrrrr" as RoomId;

/** Acts of the permission table that the pages ask about. */
export const ACTS = [
  "record.read",
  "record.remark",
  "record.export",
  "record.attach",
  "record.fetch",
  "notification.read",
  "notification.draft",
  "notification.verify",
  "notification.send",
  "notification.query",
  "notification.clarify",
  "notification.cancel",
  "notification.close",
  "call.read",
  "call.ask",
  "call.answer",
  "call.start",
  "room.open",
  "agreement.propose",
  "agreement.sign",
  "people.read",
  "people.invite",
  "people.change",
  "people.revoke",
  "office.read",
  "office.change",
  "duty.take",
  "duty.hand_over",
  "device.read",
  "device.enrol",
  "device.revoke",
  "permission.read",
  "trail.read",
  "break_glass.open",
  "break_glass.second",
  "break_glass.end",
  "duress.read",
  "duress.settle",
  "alert.read",
  "alert.draft",
  "alert.verify",
  "alert.release",
  "alert.acknowledge",
  "alert.translate",
  "alert.paraphrase",
  "alert.judge",
  "alert.hold",
  "alert.answer",
  "alert.close",
  "crisis.read",
  "duty.read",
] as const;

/** The person who looks at the page. */
export function self(): Self {
  return {
    person: {
      id: "p1",
      name: "Dilnoza Karimova",
      language: "en",
      appearance: "system",
      role: "engineer",
    },
    party: { ...OURS, languages: ["uz", "ru"], time_zone: "Asia/Tashkent" },
    node: { version: "0.1.0", started_at: ago(7_200) },
    roles: ["engineer", "secretary", "releaser"],
    offices: [],
    may: [...ACTS],
    signed_in_by: "passkey",
    stepped_up_until: null,
    has_passkey: true,
  };
}

/** Four lines in four states. */
export function lines(): readonly Line[] {
  const lanes = [0, 1, 2, 3, 4, 5].map((lane) => ({
    lane,
    bytes_sent: [1_240, 18_400_000, 44_100_000, 310_000_000, 220_400, 0][lane] ?? 0,
    bytes_received: [980, 17_900_000, 41_700_000, 290_000_000, 101_000, 55_000_000][lane] ?? 0,
    queued: lane === 5 ? 14 : 0,
  }));
  const path = { carrier: "udp", state: "up", rate_bps: 3_900_000, last_proof_at: ago(1) } as const;
  const fresh = {
    clock_skew_s: 0.2,
    clock_is_skewed: false,
    card_expires_at: new Date(Date.now() + 300 * 86_400_000).toISOString(),
  };
  const both = { ours_confirmed: true, theirs_confirmed: true };
  return [
    {
      party: { ...THEIRS, languages: ["zh-Hans"], time_zone: "Asia/Shanghai" },
      state: "up",
      since: ago(86_400),
      last_proof_at: ago(1),
      agreement: both,
      ...fresh,
      paths: [
        { ...path, name: "leased", narrow_mtu: null, rtt_ms: 251, loss_in: 0.008, loss_out: 0.011 },
        {
          ...path,
          name: "internet",
          state: "suspect",
          rtt_ms: 310,
          loss_in: 0.15,
          loss_out: 0.004,
          rate_bps: 820_000,
          narrow_mtu: 576,
        },
      ],
      lanes,
      silence: null,
    },
    {
      party: { ...THIRD, languages: ["ru"], time_zone: "Asia/Almaty" },
      state: "cut",
      since: ago(95),
      last_proof_at: ago(95),
      agreement: both,
      ...fresh,
      paths: [
        {
          ...path,
          name: "internet",
          carrier: "tcp",
          state: "down",
          rtt_ms: null,
          loss_in: null,
          loss_out: null,
          rate_bps: null,
          last_proof_at: ago(95),
          narrow_mtu: null,
        },
      ],
      lanes: lanes.map((lane) => Object.assign({}, lane, { queued: lane.lane === 0 ? 2 : 0 })),
      silence: "node",
    },
    {
      party: { ...FOURTH, languages: ["prs", "ps"], time_zone: "Asia/Kabul" },
      state: "unconfirmed",
      since: ago(600),
      last_proof_at: null,
      agreement: { ours_confirmed: true, theirs_confirmed: false },
      ...fresh,
      paths: [],
      lanes: [],
      silence: null,
    },
  ];
}

/** One open room of three parties. */
export function rooms(): readonly Room[] {
  return [
    {
      id: ROOM,
      title: "Border health post: weekly call",
      opened_by: { party: THEIRS, person_name: "李明" },
      opened_at: ago(900),
      parties: [THEIRS, OURS, THIRD],
      participants: people()
        .filter((each) => !each.is_self)
        .map(({ id, name, party }) => ({ id, name, party })),
      state: "open",
      is_restricted: false,
      is_exercise: false,
    },
  ];
}

/** What was set aside. */
export function refusals(): readonly Refusal[] {
  return [
    { reason: "claim.unknown_key", party: null, count: 41, last_at: ago(30) },
    { reason: "letter.malformed", party: THIRD.id, count: 2, last_at: ago(4_000) },
  ];
}

export const ME = "mmmmmmmmmmmmmmmmmmmmmmmmmm" as ParticipantId;

/** Everybody in the room, oneself among them. */
export function people(): readonly Participant[] {
  return [
    person("e1", "李明", THEIRS, { camera: true }),
    person("e2", "Ольга Сергеевна Иванова", THIRD, { camera: false, muted: true }),
    {
      ...person("mm", "Dilnoza Karimova", OURS, { camera: true }),
      id: ME,
      is_self: true,
      is_local: true,
    },
    person("e3", "王芳", THEIRS, { camera: true, muted: true }),
    person("e4", "Bekzod Tursunov", OURS, { camera: true }),
  ];
}

function person(
  id: string,
  name: string,
  party: Party,
  has: { camera: boolean; muted?: boolean },
): Participant {
  const full = id.padEnd(26, "x") as ParticipantId;
  return {
    id: full,
    name,
    party,
    is_self: false,
    is_local: party.id === OURS.id,
    route: [party.id],
    tracks: [
      { id: track(full, 0), kind: "microphone", muted: has.muted ?? false, layers: [0] },
      { id: track(full, 1), kind: "camera", muted: !has.camera, layers: [0, 1, 2] },
      { id: track(full, 2), kind: "screen", muted: true, layers: [0] },
    ],
  };
}

/** Text id of a track. */
export function track(participant: ParticipantId, index: number): TrackId {
  return `${participant}/${index}` as TrackId;
}

/** Quality of a call over a border. */
export function hops(): Hops {
  return {
    my_device: { level: "good", rtt_ms: null, loss: null, rate_bps: 1_300_000 },
    my_node: { level: "good", rtt_ms: 12, loss: 0, rate_bps: 4_100_000 },
    line: [{ party_id: THEIRS.id, level: "fair", rtt_ms: 251, loss: 0.012, rate_bps: 2_600_000 }],
    their_node: { level: "good", rtt_ms: 9, loss: 0, rate_bps: null },
    their_device: { level: "unknown", rtt_ms: null, loss: null, rate_bps: null },
    their_nodes: [],
    their_devices: [],
  };
}

/** The relay's answer to a wish: every track shown, the last one withheld. */
export function shown(wishes: readonly { slot: number; track: TrackId }[]): readonly VideoSlot[] {
  return wishes.map(({ slot, track: id }, index) => {
    const isLast = index > 0 && index === wishes.length - 1;
    if (index === 0) return { slot, track: id, layer: 1, withheld: "rate" };
    return { slot, track: id, layer: isLast ? null : 2, withheld: isLast ? "rate" : null };
  });
}

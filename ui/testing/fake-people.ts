/** The people, offices, devices and agreements that the fake node tells of. */
import type {
  BrokenGlass,
  Device,
  Handover,
  Office,
  PermissionTable,
  PersonRow,
  TrailRow,
} from "../src/api/people-types";
import type { AgreementVersion } from "../src/api/record-types";
import { THEIRS } from "./scenes";
import { terms } from "./fake-terms";

const ago = (seconds: number) => new Date(Date.now() - seconds * 1_000).toISOString();
/** 32 bytes, as WebAuthn's JSON writes them. */
const CHALLENGE = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

function people(): readonly PersonRow[] {
  const row = { language: "en", offices: ["o1"], passkeys: 1, revoked_at: null };
  return [
    {
      ...row,
      id: "p1",
      name: "Dilnoza Karimova",
      roles: ["engineer", "releaser"],
      seen_at: ago(4),
    },
    {
      ...row,
      id: "p2",
      name: "Рустам Алиев",
      roles: ["duty_officer", "member"],
      seen_at: ago(900),
    },
    { ...row, id: "p3", name: "李明", roles: ["member"], passkeys: 0, seen_at: null },
    {
      ...row,
      id: "p4",
      name: "Ahmad Zahir",
      roles: ["member"],
      revoked_at: ago(500),
      seen_at: ago(9e5),
    },
  ];
}

function offices(): readonly Office[] {
  return [
    {
      id: "o1",
      name: "Duty desk of the ministry",
      people: [
        { id: "p1", name: "Dilnoza Karimova" },
        { id: "p2", name: "Рустам Алиев" },
      ],
      duty: {
        person: { id: "p1", name: "Dilnoza Karimova" },
        state: "held",
        taken_at: ago(20_000),
        offered_to: null,
      },
      planned: { person: { id: "p2", name: "Рустам Алиев" }, since: ago(3_600) },
      closed_at: null,
    },
    {
      id: "o2",
      name: "Clinic at night",
      people: [{ id: "p1", name: "Dilnoza Karimova" }],
      duty: null,
      planned: null,
      closed_at: null,
    },
  ];
}

function devices(): readonly Device[] {
  const device = { kind: "browser", added_at: ago(9e5), seen_at: ago(30), is_this: false };
  return [
    { ...device, id: "d1", name: "Chromium on Linux", is_this: true },
    { ...device, id: "d2", name: "Safari on iPhone", seen_at: ago(90_000) },
    { ...device, id: "d3", name: "Telephone", kind: "passkey" },
  ];
}

function permissions(): PermissionTable {
  return {
    acts: [
      {
        act: "record.read",
        needs: "sign_in",
        roles: { member: ["own", "foreign"], auditor: ["own"] },
      },
      { act: "record.export", needs: "step_up", roles: { releaser: ["own", "foreign"] } },
      { act: "agreement.sign", needs: "signature", roles: { releaser: ["own"] } },
      {
        act: "device.revoke",
        needs: "sign_in",
        roles: { member: ["self"], secretary: ["self", "own"] },
      },
    ],
  };
}

/** Somebody who asks for a role, and somebody who has one for a while. */
export function glass(): readonly BrokenGlass[] {
  const asked = {
    person: { id: "p2", name: "Рустам Алиев" },
    role: "releaser",
    reason: "The releaser cannot be reached and the deadline is at noon.",
    ends_at: null,
    second: null,
  };
  return [
    { ...asked, id: "g1", state: "asked" },
    { ...asked, id: "g2", role: "secretary", state: "open", second: { id: "p1", name: "Dilnoza" } },
  ];
}

/** What was done, by a person, the operator and the node. */
export function trail(): readonly TrailRow[] {
  const row = { subject: "", subject_name: null, outcome: "done", words: "" };
  const rustam = { subject: "p2", subject_name: "Рустам Алиев" };
  return [
    {
      ...row,
      ...rustam,
      number: 41,
      at: ago(60),
      act: "passkey.counter_back",
      asker: "node",
      asker_name: null,
      outcome: "passkey.suspect",
    },
    {
      ...row,
      ...rustam,
      number: 40,
      at: ago(4_000),
      act: "people.change",
      asker: "p1",
      asker_name: "Dilnoza Karimova",
      words: "duty_officer member",
    },
    {
      ...row,
      number: 39,
      at: ago(5_000),
      act: "break_glass.open",
      asker: "p2",
      asker_name: "Рустам Алиев",
      words: "The releaser cannot be reached and the deadline is at noon.",
    },
    {
      ...row,
      number: 38,
      at: ago(90_000),
      act: "sign_in.provider",
      asker: "node",
      asker_name: null,
      outcome: "provider.subject_unknown",
      words: "3f0c71c2-5d0f-4f0e-9d83-2f2a4c1f8b11",
    },
    {
      ...row,
      ...rustam,
      number: 37,
      at: ago(9e5),
      act: "people.invite",
      asker: "operator",
      asker_name: null,
      words: "member",
    },
  ];
}

/** Three versions of an agreement: one by both, one by them, one by nobody. */
export function versions(): readonly AgreementVersion[] {
  const body =
    "Flash alerts are acknowledged within ten minutes.\nA line check is made every hour.";
  const signed = { ours_signed_at: ago(80_000), theirs_signed_at: ago(70_000) };
  return [
    { number: 1, hash: "1".repeat(64), body, ...signed, state: "agreed" },
    {
      number: 2,
      hash: "2".repeat(64),
      body: body.replace("ten", "five"),
      ours_signed_at: null,
      theirs_signed_at: ago(3_000),
      state: "signed_by_them",
    },
    {
      number: 3,
      hash: "3".repeat(64),
      body: `${body.replace("ten", "five")}\nAnd on holidays too.`,
      ours_signed_at: null,
      theirs_signed_at: null,
      state: "proposed",
    },
  ];
}

/** What is open on a day with a little of everything. */
export function handover(): Handover {
  const later = (seconds: number) => ago(-seconds);
  const plain = { precedence: null, duty: null, at: null, is_exercise: false, is_late: false };
  const alert = { ...plain, kind: "alert" as const, party: THEIRS.name, is_ours: true };
  return {
    at: ago(0),
    untold: 1,
    matters: [
      {
        ...alert,
        about: "a".repeat(64),
        state: "presented",
        text: "Two aircraft without transponders are heading for the border near the lake.",
        precedence: "flash",
        duty: "our_acknowledgement",
        due: [
          { limit: "target", due_at: ago(30), theirs_at: ago(29) },
          { limit: "limit", due_at: later(450), theirs_at: later(451) },
        ],
        is_late: true,
      },
      {
        ...alert,
        about: "b".repeat(64),
        state: "acknowledged",
        text: "Учение: проверка оповещения.",
        precedence: "routine",
        duty: "their_answer",
        due: [{ limit: "answer", due_at: later(90_000), theirs_at: null }],
        is_ours: false,
        is_exercise: true,
      },
      {
        ...plain,
        kind: "check",
        about: "s1",
        party: THEIRS.name,
        state: "sent",
        text: "2026-11-01T12:00Z",
        due: [{ limit: "check_step", due_at: later(200), theirs_at: null }],
        is_ours: true,
      },
      {
        ...plain,
        kind: "missed",
        about: "s1",
        party: THEIRS.name,
        state: "missed",
        text: "2026-11-01T11:00Z",
        at: ago(3_600),
        due: [],
        is_ours: true,
        is_late: true,
      },
      {
        ...plain,
        kind: "notification",
        about: "c".repeat(64),
        party: "",
        state: "queried",
        text: "VELMAR/hazardous-incident/2026/3",
        due: [{ limit: "clarification", due_at: later(40_000), theirs_at: null }],
        is_ours: true,
      },
      {
        ...plain,
        kind: "call",
        about: "d".repeat(64),
        party: THEIRS.name,
        state: "asked",
        text: "The Minister of Health",
        due: [{ limit: "call", due_at: later(172_000), theirs_at: later(172_001) }],
        is_ours: true,
      },
      {
        ...plain,
        kind: "crisis",
        about: "e".repeat(64),
        party: THEIRS.name,
        state: "open",
        text: "2026/4",
        due: [],
        is_ours: false,
      },
    ],
  };
}

/** What is answered to questions, by path. */
export function answers(): Readonly<Record<string, unknown>> {
  return {
    "/api/people": { people: people() },
    "/api/offices": { offices: offices() },
    "/api/handover": handover(),
    "/api/devices": { devices: devices() },
    "/api/permissions": permissions(),
    "/api/break-glass": { lent: [] },
    "/api/duress": { calls: [] },
    [`/api/lines/${THEIRS.id}/agreement`]: { versions: versions() },
    [`/api/lines/${THEIRS.id}/terms`]: terms(),
  };
}

/** What is answered to acts, by path; null for those that need no words. */
export function done(path: string, host: string): unknown {
  if (path === "/api/people" || path.endsWith("/link")) {
    return { person: {}, address: `https://${host}/sign-in?code=abcd`, expires_at: null };
  }
  if (path === "/api/passkeys/begin") {
    return {
      options: {
        challenge: CHALLENGE,
        rp: { id: "localhost", name: "Parley" },
        user: { id: CHALLENGE, name: "p1", displayName: "Dilnoza Karimova" },
        pubKeyCredParams: [{ type: "public-key", alg: -7 }],
        authenticatorSelection: { residentKey: "required", userVerification: "required" },
      },
    };
  }
  if (!path.endsWith("/begin")) return null;
  return { options: { challenge: CHALLENGE, rpId: "localhost", userVerification: "required" } };
}

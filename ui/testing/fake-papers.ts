/** The notifications and call requests that the fake node tells of; the types are those to begin with. */
import { readdirSync, readFileSync } from "node:fs";

import type {
  CallRequest,
  Dates,
  JsonMap,
  Notification,
  NotificationDraft,
  NotificationType,
} from "../src/api/paper-types";
import type { Door } from "../src/api/doors";
import { textOf } from "../src/state/papers/definition";
import { SPACE } from "./fake-record";
import { OURS, THEIRS } from "./scenes";

const STARTER = new URL("../../src/parley/crisis/notifications/starter/", import.meta.url);
const HOUR_MS = 3_600_000;
export const HASH = "7a".repeat(32);
export const CALL = "3c".repeat(32);
export const DRAFT = "dddddddddddddddddddddddddd";
const TYPE = "11".repeat(32);

const later = (hours: number) =>
  `${new Date(Math.floor(Date.now() / 1_000) * 1_000 + hours * HOUR_MS).toISOString().slice(0, 19)}Z`;

/** The labels of `words.tsv`, as the node puts them into a definition. */
function labels(definition: JsonMap): JsonMap {
  const rows = readFileSync(new URL("words.tsv", STARTER), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split("\t"));
  const [head = [], ...terms] = rows;
  const word = (term: string, column: number) =>
    terms.find(([name]) => name === term)?.[column] ?? term;
  const places = [...placesOf(definition["schema"] as JsonMap, "")];
  return Object.fromEntries(
    head
      .slice(1)
      .map((language, index) => [
        language,
        Object.fromEntries(
          places.map(([place, term]) => [
            place,
            word(place === "" ? `type:${textOf(definition["id"])}` : term, index + 1),
          ]),
        ),
      ]),
  );
}

function* placesOf(schema: JsonMap, place: string): Generator<readonly [string, string]> {
  const name = place.split("/").at(-1) ?? "";
  if (!/\/(\*|unit|value)$/.test(place)) yield [place, name];
  for (const choice of (schema["enum"] as string[] | undefined) ?? [])
    yield [`${place}=${choice}`, choice];
  for (const [inner, each] of Object.entries((schema["properties"] as JsonMap | undefined) ?? {}))
    yield* placesOf(each as JsonMap, `${place}/${inner}`);
  if (schema["items"] !== undefined) yield* placesOf(schema["items"] as JsonMap, `${place}/*`);
}

const DEFINITIONS: readonly JsonMap[] = readdirSync(STARTER)
  .filter((name) => name.endsWith(".json"))
  .map((name) => {
    const read = JSON.parse(readFileSync(new URL(name, STARTER), "utf8")) as JsonMap;
    return { ...read, labels: labels(read) };
  });
const definitionOf = (id: string) => DEFINITIONS.find((each) => each["id"] === id) ?? {};

function types(): readonly Omit<NotificationType, "space">[] {
  const type = { entry: "ee".repeat(32), proposed_by: OURS.id, units: {} };
  const launch = definitionOf("launch-or-test");
  return [
    {
      ...type,
      hash: TYPE,
      id: "launch-or-test",
      version: 1,
      definition: launch,
      agreed_by: [OURS.id, THEIRS.id],
      is_usable: true,
    },
    {
      ...type,
      hash: "22".repeat(32),
      id: "launch-or-test",
      version: 2,
      definition: { ...launch, version: 2, clarify_hours: 6 },
      agreed_by: [THEIRS.id],
      is_usable: false,
    },
    {
      ...type,
      hash: "33".repeat(32),
      id: "annual-list",
      version: 1,
      definition: definitionOf("annual-list"),
      agreed_by: [],
      is_usable: false,
    },
  ];
}

export const FORM: JsonMap = {
  kind: "missile_test",
  notice: "planned",
  window: { begins: later(69), ends: later(73) },
  areas: [
    { centre: { latitude: 41.3, longitude: 69.2 }, radius: { value: 40, unit: "km" } },
    { centre: { latitude: 42.1, longitude: 70.4 }, radius: { value: 15, unit: "km" } },
  ],
  description: "Учебный пуск. Только над своей территорией.",
};

function notification(number: number, part: Partial<Notification> = {}): Notification {
  return {
    hash: number === 3 ? HASH : `${number}`.padStart(2, "0").repeat(32),
    space: SPACE,
    author: THEIRS.id,
    number: `${THEIRS.name}/launch-or-test/2026/${number}`,
    is_exercise: false,
    type_id: "launch-or-test",
    type_version: 1,
    type_hash: TYPE,
    state: "provided",
    form: FORM,
    sent_at: later(-30),
    provided_at: later(-29.9),
    effective_at: later(69),
    due_at: later(-3),
    late: "00:00",
    corrects: null,
    ended_by: null,
    words: "",
    capacity: "duty_officer",
    ended_as: null,
    queries: [],
    findings: [],
    breaches: [],
    ...part,
  };
}

function notifications(): readonly Notification[] {
  const query = {
    hash: "9a".repeat(32),
    words: "Which azimuth?",
    asked_at: later(-5),
    due_at: later(7),
    state: "queried",
    answers: [],
    capacity: "releaser",
  };
  const ours = { author: OURS.id, number: `${OURS.name}/launch-or-test/2026/1` };
  return [
    notification(3, {
      late: "03:12",
      queries: [
        query,
        {
          ...query,
          hash: "9b".repeat(32),
          state: "clarified",
          capacity: "not_said",
          answers: [{ at: later(-1), words: "90°.", capacity: "releaser" }],
        },
      ],
      breaches: [["second_receipt", "ab".repeat(32)]],
    }),
    notification(1, { state: "closed", words: "Done.", ended_as: "releaser" }),
    { ...notification(1), ...ours, hash: "0a".repeat(32), queries: [query], state: "effective" },
    notification(1, {
      hash: "0e".repeat(32),
      number: `${THEIRS.name}/launch-or-test/2026/E1`,
      is_exercise: true,
      late: "00:41",
    }),
  ];
}

/** A draft as it is kept: with two fields that are refused, or none. */
export function draft(part: Partial<NotificationDraft> = {}): NotificationDraft {
  return {
    id: DRAFT,
    space: SPACE,
    type_hash: TYPE,
    form: FORM,
    corrects: null,
    is_exercise: false,
    state: "draft",
    drafter: "p1",
    verifier: null,
    changed_at: later(-1),
    findings: [],
    ...part,
  };
}

export const FINDINGS: NotificationDraft["findings"] = [
  { field: "/window/ends", reason: "ends_first", wanted: later(69), weight: "refuses" },
  { field: "/window/begins", reason: "late", wanted: "03:12", weight: "warns" },
  { field: "/areas/0/centre/latitude", reason: "swapped", wanted: "41.3, 69.2", weight: "refuses" },
];

const dates = (hours: number): Dates => ({
  at: later(hours),
  by_party: { [OURS.id]: later(hours), [THEIRS.id]: later(hours) },
});

/** A call request of theirs, that waits for our answer. */
export function call(part: Partial<CallRequest> = {}): CallRequest {
  return {
    hash: CALL,
    space: SPACE,
    asker: THEIRS.id,
    who_asks: "外交部副部长",
    who_is_asked: "Deputy Minister",
    level: "minister",
    subject: "The closed crossing",
    mode: "voice",
    languages: ["uz", "zh-Hans", "ru"],
    interpreter: "both",
    asked: dates(-4),
    earliest: dates(20),
    latest: dates(40),
    answer_hours: 48,
    is_exercise: false,
    state: "asked",
    offer: CALL,
    turn: OURS.id,
    due: dates(44),
    due_here: dates(44.1),
    is_overdue: false,
    begins: null,
    turns: [],
    capacity: "not_said",
    withdrawn_as: null,
    holds_left: 2,
    identity: { commitment: null, asked_key: null, code: null },
    thread: "tttttttttttttttttttttttttt",
    started: null,
    ended: null,
    speaking: [],
    mismatches: [],
    breaches: [],
    ...part,
  };
}

/** The same call, agreed on, with its code on the screen. */
export function agreedCall(part: Partial<CallRequest> = {}): CallRequest {
  return call({
    state: "accepted",
    turn: null,
    holds_left: 0,
    due: null,
    due_here: null,
    begins: dates(0.1),
    turns: [
      {
        hash: "44".repeat(32),
        party: OURS.id,
        at: later(-2),
        answer: "accept",
        earliest: dates(0.1),
        latest: null,
        level: null,
        until: null,
        reason: "It suits us.",
        capacity: "releaser",
      },
    ],
    identity: { commitment: "55".repeat(32), asked_key: "66".repeat(32), code: "172969" },
    ...part,
  });
}

/** What is answered to questions, by path. */
export function answers(): Readonly<Record<string, unknown>> {
  const [first] = notifications();
  return {
    "/api/notification-types": { types: types() },
    "/api/notification-types/starter": {
      types: DEFINITIONS.map((each) => ({ id: each["id"], definition: JSON.stringify(each) })),
    },
    "/api/notifications": { notifications: notifications() },
    [`/api/notifications/${HASH}`]: first,
    "/api/notifications/numbers": {
      faults: [
        {
          space: SPACE,
          party: THEIRS.id,
          type_id: "launch-or-test",
          year: 2026,
          is_exercise: false,
          number: 2,
          fault: "gap",
          hashes: [],
        },
      ],
    },
    "/api/notifications/reminders": {
      reminders: [
        { space: SPACE, type_id: "annual-list", year: 2027, due_at: later(900), is_met: false },
      ],
    },
    "/api/notifications/drafts": { drafts: [draft()] },
    "/api/call-requests": { calls: [call()] },
    [`/api/call-requests/${CALL}`]: call(),
    [`/api/call-requests/${CALL}/door`]: door(),
  };
}

/** Who of ours may enter the room of the call: nobody made a list. */
function door(): Door {
  const ours = { capacity: "official", office: null, shown_as: null } as const;
  return {
    is_restricted: true,
    is_set: false,
    call: CALL,
    official: call().who_is_asked,
    named: [{ ...ours, person: "p".repeat(26), name: "Rolf" }],
    may_enter: false,
    may_change: true,
  };
}

/** What is answered to acts, by path; null for those that are not about papers. */
export function done(
  path: string,
  words: Readonly<Record<string, unknown>>,
  known: Readonly<Record<string, unknown>>,
): unknown {
  if (path.endsWith("/door")) return known[`/api/call-requests/${CALL}/door`];
  if (path.startsWith("/api/call-requests")) return known[`/api/call-requests/${CALL}`];
  if (!path.startsWith("/api/notifications")) return null;
  if (path.endsWith("/send")) return notification(3);
  if (path.includes("/drafts")) {
    const form = words["form"] as JsonMap | undefined;
    const kept = (known["/api/notifications/drafts"] as { drafts: NotificationDraft[] }).drafts[0];
    return { ...kept, ...(form === undefined ? {} : { form }) };
  }
  return known[`/api/notifications/${HASH}`];
}

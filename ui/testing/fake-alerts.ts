/** The alerts and drafts that the fake node tells of. */
import type { Alert, AlertDraft, DraftWords } from "../src/api/alert-types";
import type { PartyId } from "../src/api/types";
import { alertThatCame } from "../src/testing/alerts";
import { OURS, THEIRS } from "./scenes";

const at = (seconds: number) => new Date(Date.now() + seconds * 1_000).toISOString();
const hash = (pair: string) => pair.repeat(32);
const PERSIAN =
  "دو هواپیمای ما از مسیر خارج شده‌اند و برمی‌گردند. ما این را به شما می‌گوییم تا اشتباه نشود.";
const ENGLISH =
  "Two of our aircraft are off course and will turn back. We tell you so that it is not misread.";

/** A flash that rings, with its author's translation beside it. */
export function ringing(other: Partial<Alert> = {}): Alert {
  const base = alertThatCame();
  return {
    ...base,
    party: THEIRS.name,
    party_id: THEIRS.id,
    texts: [
      { language: "prs", text: PERSIAN },
      { language: "en", text: ENGLISH },
    ],
    released_at: at(-32),
    started_at: at(-31),
    saying: { ...base.saying, at: at(-31) },
    due: [
      { limit: "target", due_at: at(89), theirs_at: at(88) },
      { limit: "limit", due_at: at(569), theirs_at: at(568) },
    ],
    told: [
      {
        party: "Delta Rescue",
        party_id: "d".repeat(26) as PartyId,
        capacity: "duty_officer",
        language: "en",
        at: at(-450),
      },
    ],
    ...other,
  };
}

/** One of every kind that a watch may have before it, none of which rings. */
export function quiet(): readonly Alert[] {
  const base = ringing();
  const read = {
    capacity: "duty_officer",
    language: "en",
    sentences: [],
    at: at(-500),
    is_confirmed: true,
  };
  const ours = {
    is_ours: true,
    received_at: at(-600),
    received_bound_ms: 200,
    texts: [{ language: "en", text: "We ask for your reading of the radar at 11:40 UTC." }],
  };
  return [
    {
      ...base,
      ...ours,
      hash: hash("b1"),
      precedence: "immediate",
      written: "immediate",
      state: "released",
      received_at: null,
      received_bound_ms: null,
      saying: say("not_known_to_have_arrived", "their_receipt", null),
      steps: [{ is_ours: true, number: 1, reached_at: at(-2) }],
      due: [
        { limit: "target", due_at: at(400), theirs_at: null },
        { limit: "limit", due_at: at(1_600), theirs_at: null },
      ],
    },
    {
      ...base,
      ...ours,
      hash: hash("b2"),
      state: "acknowledged",
      is_exercise: true,
      received_bound_ms: 5_000,
      saying: {
        ...say("read_by_them", "their_answer", at(-500)),
        bound_ms: 5_000,
        capacity: "duty_officer",
      },
      acknowledgements: [read],
      paraphrases: paraphrases(),
      paraphrase_state: "waiting",
      steps: [
        { is_ours: false, number: 1, reached_at: at(-400) },
        { is_ours: false, number: 2, reached_at: at(-340) },
      ],
      due: [{ limit: "answer", due_at: at(-61), theirs_at: at(-62) }],
      overdue: [{ step: "answer/0", due_at: at(-61) }],
    },
    {
      ...base,
      hash: hash("b3"),
      precedence: "priority",
      written: "flash",
      is_demoted: true,
      state: "acknowledged",
      saying: { ...say("acknowledgement_sent", "our_answer", at(-20)), capacity: "duty_officer" },
      acknowledgements: [{ ...read, is_confirmed: false }],
      due: [{ limit: "answer", due_at: at(80_000), theirs_at: null }],
      breaches: [{ entry: hash("ff"), party: THEIRS.id, kind: "guard", what: "rate" }],
    },
    {
      ...base,
      hash: hash("b4"),
      standing: "withdrawn",
      withdrawn_words: "It was for somebody else.",
      saying: say("ours_to_read", "nobody", at(-900)),
      due: [],
    },
    closed(base),
  ];
}

/** One of theirs that both have closed: they said why, and our closing is not known to have arrived. */
function closed(base: Alert): Alert {
  const reply = { kind: "reply", capacity: "releaser", words: "Seen, and they are home." };
  return {
    ...base,
    hash: hash("b5"),
    state: "closed",
    saying: say("answer_confirmed", "nobody", at(-1_000)),
    acknowledgements: [
      {
        capacity: "duty_officer",
        language: "en",
        sentences: [],
        at: at(-1_100),
        is_confirmed: true,
      },
    ],
    answers: [{ ...reply, at: at(-1_000), until: null, level: null, is_confirmed: true }],
    closings: [
      { party: THEIRS.id, words: "They have landed.", at: at(-800), arrived_at: at(-799) },
      { party: OURS.id, words: null, at: at(-700), arrived_at: null },
    ],
    due: [],
  };
}

/** How they understood an alert of ours: one that we corrected, and one that waits for our word. */
function paraphrases(): Alert["paraphrases"] {
  const by = { language: "prs", capacity: "translator", has_arrived: true };
  const meant = { language: "en", text: "We ask what you saw; we claim nothing." };
  const word = { kind: "corrected", correction: meant, capacity: "releaser", at: at(-200) };
  return [
    {
      ...by,
      hash: hash("c1"),
      text: "آنها می‌گویند که رادار ما اشتباه کرده است.",
      at: at(-300),
      word: { ...word, has_arrived: false },
    },
    { ...by, hash: hash("c2"), text: "آنها می‌پرسند ما چه دیدیم.", at: at(-100), word: null },
  ];
}

/** A flash that waits for the second person. */
export function drafts(): readonly AlertDraft[] {
  return [
    {
      ...kept({
        texts: [{ language: "en", text: "Our exercise in the strait ends tonight at 20:00 UTC." }],
        recipients: [THEIRS.id],
        precedence: "flash",
        is_exercise: false,
        reaches_principals: false,
        is_quotable: false,
        level: "commander",
        supersedes: null,
        attachment: null,
        stands_s: 21_600,
      }),
      id: "c".repeat(26),
      drafter: "p2",
      drafter_name: "Рустам Алиев",
    },
  ];
}

/** A draft as the node keeps what somebody wrote. */
export function kept(words: DraftWords): AlertDraft {
  return {
    ...words,
    id: "d".repeat(26),
    state: "draft",
    body_hash: "0123456789abcdef".repeat(4),
    drafter: "p1",
    drafter_name: "Dilnoza Karimova",
    verifier: null,
    verifier_name: null,
    released_to: [],
    changed_at: at(-5),
  };
}

function say(sentence: string, duty: string, when: string | null): Alert["saying"] {
  return {
    sentence,
    duty,
    at: when,
    is_clock_doubtful: false,
    capacity: null,
    has_sound: null,
    bound_ms: 200,
  };
}

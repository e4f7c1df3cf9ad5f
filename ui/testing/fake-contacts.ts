/** Contacts as a node tells them: ours to be confirmed, one of theirs that failed. */
import type { Contact, ContactLine, PartyContacts } from "../src/api/contact-types";
import type { FakeNode } from "./fake-node";

const NOON = Date.parse("2026-11-01T12:00:00Z");
const MAY = ["contact.read", "contact.publish", "contact.try"];

const WATCH: Contact = {
  mark: "11".repeat(16),
  title: [
    { language: "en", text: "Watch officer" },
    { language: "ru", text: "Дежурный офицер" },
  ],
  level: "watch",
  duty: [{ language: "en", text: "Anything that cannot wait, at any hour." }],
  hours: null,
  languages: ["en", "ru", "uz"],
  ways: [
    { kind: "telephone", text: "+998 71 200 00 00" },
    { kind: "mail", text: "watch@hospital.example" },
  ],
  is_open: true,
  changes_at: null,
  standing: "reached",
  trials: [{ is_ours: true, outcome: "reached", at: at(-30), was_open: true, words: null }],
};

const OFFICE: Contact = {
  mark: "22".repeat(16),
  title: [{ language: "prs", text: "دفتر رئیس" }],
  level: "director",
  duty: [{ language: "prs", text: "پرسش‌های اصولی، و آنچه افسر نوبت نمی‌تواند فیصله کند." }],
  hours: {
    zone: "Asia/Kabul",
    spans: [
      { days: [1, 2, 3, 4, 6], begins: "08:00", ends: "16:00" },
      { days: [7], begins: "22:00", ends: "06:00" },
    ],
  },
  languages: ["prs", "en"],
  ways: [{ kind: "other", text: "Radio, 156.8 MHz, call sign HOSPITAL TWO" }],
  is_open: false,
  changes_at: at(15.5),
  standing: "failed",
  trials: [
    {
      is_ours: true,
      outcome: "wrong",
      at: at(-50),
      was_open: true,
      words: "A bakery answers under this number.",
    },
    { is_ours: false, outcome: "no_answer", at: at(-70), was_open: false, words: null },
  ],
};

/** Lets a node tell of one line whose parties name contacts, or of one where nobody does yet. */
export function withContacts(node: FakeNode, isEmpty = false): void {
  const [line] = node.behaviour.lines;
  if (line === undefined) return;
  const theirs: PartyContacts = {
    is_ours: false,
    standing: "current",
    hash: "ab".repeat(32),
    confirmed_at: at(-200),
    due_at: at(1_960),
    received_at: null,
    contacts: [OFFICE, WATCH],
    breaches: [{ entry: "cd".repeat(32), is_ours: false, what: "malformed: ways turning" }],
  };
  const ours: PartyContacts = {
    ...theirs,
    is_ours: true,
    standing: "due",
    confirmed_at: at(-24 * 80),
    due_at: at(24 * 10),
    received_at: at(-24 * 80),
    contacts: [{ ...WATCH, mark: "33".repeat(16), standing: "untried", trials: [] }],
    breaches: [],
  };
  const told: ContactLine = {
    space: "s",
    party: line.party.name,
    party_id: line.party.id,
    levels: ["watch", "director", "commander", "minister", "head"],
    ours: isEmpty ? nobody(ours) : ours,
    theirs: isEmpty ? nobody(theirs) : theirs,
    breaches: [],
  };
  node.behaviour.self = Object.assign({}, node.behaviour.self, {
    may: [...node.behaviour.self.may, ...MAY],
  });
  node.behaviour.answers = { ...node.behaviour.answers, "/api/contacts": { lines: [told] } };
}

function nobody({ is_ours }: PartyContacts): PartyContacts {
  return {
    is_ours,
    standing: "none",
    hash: null,
    confirmed_at: null,
    due_at: null,
    received_at: null,
    contacts: [],
    breaches: [],
  };
}

function at(hours: number): string {
  return new Date(NOON + hours * 3_600_000).toISOString();
}

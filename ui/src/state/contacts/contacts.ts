/** What a page makes of contacts, without a page. */
import type {
  Contact,
  ContactHours,
  ContactLine,
  HoursSpan,
  PartyContacts,
  WrittenContact,
} from "../../api/contact-types";

export const CONTACTS_MAX = 20;
export const TITLE_MAX = 120;
export const DUTY_MAX = 400;
export const WAY_MAX = 200;
export const WORDS_MAX = 500;
export const WAYS_MAX = 6;
export const SPANS_MAX = 14;
export const TEXTS_MAX = 4;

/** What is to be done about a line's directory here, the gravest first. */
export type Task = "publish" | "confirm" | "mend" | "beware";

/** A contact that has everything but words. */
export function blankContact(language: string, level: string): WrittenContact {
  return {
    title: [{ language, text: "" }],
    level,
    duty: [{ language, text: "" }],
    hours: null,
    languages: [language],
    ways: [{ kind: "telephone", text: "" }],
  };
}

/** Working days of a desk, to begin with. */
export function blankSpan(): HoursSpan {
  return { days: [1, 2, 3, 4, 5], begins: "08:00", ends: "18:00" };
}

/** What is written of a contact, without what is known of it. */
export function written(contact: Contact): WrittenContact {
  const { title, level, duty, hours, languages, ways } = contact;
  return { title, level, duty, hours, languages, ways };
}

/** What is sent: without spaces around, empty ways and empty translations; a day ends at 24:00. */
export function trimmed(contact: WrittenContact): WrittenContact {
  return {
    ...contact,
    title: trimmedTexts(contact.title),
    duty: trimmedTexts(contact.duty),
    hours: contact.hours === null ? null : untilMidnight(contact.hours),
    ways: contact.ways
      .map(({ kind, text }) => ({ kind, text: text.trim().normalize("NFC") }))
      .filter(({ text }) => text !== ""),
  };
}

function trimmedTexts(texts: WrittenContact["title"]): WrittenContact["title"] {
  return texts
    .map(({ language, text }) => ({ language, text: text.trim().normalize("NFC") }))
    .filter(({ text }, index) => index === 0 || text !== "");
}

/** A field for a time of day knows no 24:00. */
function untilMidnight({ zone, spans }: ContactHours): ContactHours {
  return {
    zone: zone.trim(),
    spans: spans.map((span) => (span.ends === "00:00" ? { ...span, ends: "24:00" } : span)),
  };
}

/** Whether a contact says all that it must: who, what for, in which language, and a way. */
export function isWhole(contact: WrittenContact): boolean {
  const { title, duty, ways, languages, hours } = trimmed(contact);
  return (
    title[0]?.text !== "" &&
    duty[0]?.text !== "" &&
    ways.length > 0 &&
    languages.length > 0 &&
    (hours === null || (hours.zone !== "" && hours.spans.every(isSpan)))
  );
}

function isSpan({ days, begins, ends }: HoursSpan): boolean {
  return days.length > 0 && begins !== "" && ends !== "";
}

/** Whether a list can be published: all are whole, and no two are alike. */
export function isPublishable(contacts: readonly WrittenContact[]): boolean {
  const said = new Set(contacts.map((each) => JSON.stringify(trimmed(each))));
  return contacts.length > 0 && said.size === contacts.length && contacts.every(isWhole);
}

/** The text in the reader's language, or else the first. */
export function readable(
  texts: WrittenContact["title"],
  language: string,
): WrittenContact["title"][number] | undefined {
  return texts.find((each) => each.language === language) ?? texts[0];
}

/** Those who can be reached now first, then whoever comes next; doubtful ones after others. */
export function byPresence(contacts: readonly Contact[]): readonly Contact[] {
  return contacts.toSorted((one, other) => rank(one) - rank(other) || next(one) - next(other));
}

function rank({ is_open, standing }: Contact): number {
  return (is_open === true ? 0 : 2) + (standing === "failed" ? 1 : 0);
}

function next({ is_open, changes_at }: Contact): number {
  return is_open === true || changes_at === null ? 0 : Date.parse(changes_at);
}

/** How many of a party's contacts can be reached now, as they say, and are not doubtful. */
export function thereNow({ contacts }: PartyContacts): number {
  return contacts.filter(({ is_open, standing }) => is_open === true && standing !== "failed")
    .length;
}

/** What somebody here is to do about a line's directories. */
export function tasks({ ours, theirs }: ContactLine): readonly Task[] {
  const found: Task[] = [];
  if (ours.standing === "none") found.push("publish");
  if (ours.standing === "due" || ours.standing === "doubtful") found.push("confirm");
  if (ours.contacts.some(({ standing }) => standing === "failed")) found.push("mend");
  const isFailed = theirs.contacts.some(({ standing }) => standing === "failed");
  if (theirs.standing === "doubtful" || isFailed) found.push("beware");
  return found;
}

/** A list with one place changed, left out, or moved by one. */
export function changed<T>(list: readonly T[], place: number, value: T): readonly T[] {
  return list.map((each, at) => (at === place ? value : each));
}

export function without<T>(list: readonly T[], place: number): readonly T[] {
  return list.filter((_, at) => at !== place);
}

/** What is wrong about an entry, from the node's word for it: the reason, and where it has one the field. */
export function breachOf(what: string): { readonly reason: string; readonly field: string } {
  const [reason = "", place = ""] = what.split(": ");
  const [field = "", fault] = place.split(" ");
  return { reason: fault === undefined ? reason : "text", field };
}

/** A draft as it is written: what of it is kept, and what still stands in its way. */
import type { AlertDraft, DraftWords } from "../../api/alert-types";
import { findings, limitsOf } from "./text";

/** An empty draft in a language. */
export function emptyDraft(language: string, supersedes: string | null): DraftWords {
  return {
    texts: [{ language, text: "" }],
    recipients: [],
    precedence: "immediate",
    is_exercise: false,
    reaches_principals: false,
    is_quotable: false,
    level: null,
    supersedes,
    attachment: null,
    stands_s: null,
  };
}

/** The words of a draft that is kept already. */
export function wordsOf(draft: AlertDraft): DraftWords {
  const { texts, recipients, precedence, is_exercise, reaches_principals } = draft;
  const { is_quotable, level, supersedes, attachment, stands_s } = draft;
  return {
    texts,
    recipients,
    precedence,
    is_exercise,
    reaches_principals,
    is_quotable,
    level,
    supersedes,
    attachment,
    stands_s,
  };
}

/** What stands in the way of keeping a draft. */
export type DraftLack = "no_recipient" | "no_text" | "faulty_text" | "same_language";

/** Everything that stands in its way; a second text that is empty is left out and no fault. */
export function lacks(words: DraftWords): readonly DraftLack[] {
  const [first, ...others] = words.texts;
  const filled = others.filter((each) => each.text.trim() !== "");
  const limits = limitsOf(words.precedence);
  const found: DraftLack[] = [];
  if (words.recipients.length === 0) found.push("no_recipient");
  if (first === undefined || first.text.trim() === "") found.push("no_text");
  const texts = [...(first === undefined ? [] : [first]), ...filled];
  const isFaulty = texts.some(
    ({ text }) => text.trim() !== "" && findings(text, limits).length > 0,
  );
  if (isFaulty) found.push("faulty_text");
  const languages = texts.map((each) => each.language);
  if (new Set(languages).size < languages.length) found.push("same_language");
  return found;
}

/** What goes to the node: no empty second text, and principals only of an exercise. */
export function toKeep(words: DraftWords): DraftWords {
  return {
    ...words,
    texts: words.texts.filter((each, index) => index === 0 || each.text.trim() !== ""),
    reaches_principals: words.is_exercise && words.reaches_principals,
  };
}

/** What a person may do with a draft. */
export interface DraftActs {
  readonly change: boolean;
  readonly verify: boolean;
  readonly release: boolean;
  readonly discard: boolean;
}

/** What a person may do with a draft now. Once it went to somebody, its words stand. */
export function actsOnDraft(draft: AlertDraft, person: string, may: readonly string[]): DraftActs {
  const isGoing = draft.released_to.length > 0;
  const isOpen = draft.state === "draft" || draft.state === "verified";
  const mayDraft = may.includes("alert.draft") && isOpen && !isGoing;
  return {
    change: mayDraft,
    discard: mayDraft,
    verify: may.includes("alert.verify") && draft.state === "draft" && draft.drafter !== person,
    release:
      may.includes("alert.release") &&
      isOpen &&
      (draft.precedence !== "flash" || draft.state === "verified"),
  };
}

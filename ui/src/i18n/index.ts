/** Loads a language and lays the page out in its direction. */
import { i18n, type Messages } from "@lingui/core";

import { type Language, type LanguageId, languageFor } from "./languages";

type Catalogues = Readonly<Record<LanguageId, () => Promise<{ messages: Messages }>>>;

/** What the first page says. */
const FIRST: Catalogues = {
  en: async () => import("./locales/en"),
  "zh-Hans": async () => import("./locales/zh-Hans"),
  ru: async () => import("./locales/ru"),
  uz: async () => import("./locales/uz"),
  prs: async () => import("./locales/prs"),
  ps: async () => import("./locales/ps"),
};

/** What all other pages say. */
const MORE: Catalogues = {
  en: async () => import("./locales/en.more"),
  "zh-Hans": async () => import("./locales/zh-Hans.more"),
  ru: async () => import("./locales/ru.more"),
  uz: async () => import("./locales/uz.more"),
  prs: async () => import("./locales/prs.more"),
  ps: async () => import("./locales/ps.more"),
};

const LANGUAGE_KEY = "parley.language";

/** The language to start in: this browser's choice, else what the browser asks for. */
export function firstLanguage(): Language {
  let kept: string | null = null;
  try {
    kept = localStorage.getItem(LANGUAGE_KEY);
  } catch {
    // A browser that keeps nothing asks by its own settings.
  }
  return languageFor(kept === null ? navigator.languages : [kept]);
}

/** Whether this browser chose a language by itself, which outranks the one the node remembers. */
export function hasChosenLanguage(): boolean {
  try {
    return localStorage.getItem(LANGUAGE_KEY) !== null;
  } catch {
    return false;
  }
}

/** The words of the pages after the first, in the language spoken now. */
let more: Promise<void> | null = null;

/** Speaks `language` from here on; at first only what the first page says. */
export async function speak(language: Language): Promise<void> {
  const rest = MORE[language.id]().then(({ messages }) => i18n.load(language.id, messages));
  const { messages } = await FIRST[language.id]();
  // A page that is open already says more than the first.
  if (more !== null) await rest;
  more = rest;
  i18n.load(language.id, messages);
  i18n.activate(language.id);
  document.documentElement.lang = language.tag;
  document.documentElement.dir = language.direction;
}

/** What `load` loads, once the words that it says are there. */
export async function withWords<T>(load: () => Promise<T>): Promise<T> {
  const [loaded] = await Promise.all([load(), more]);
  return loaded;
}

/** Remembers the choice in this browser. */
export function keepLanguage(language: Language): void {
  try {
    localStorage.setItem(LANGUAGE_KEY, language.id);
  } catch {
    // The choice holds for this page.
  }
}

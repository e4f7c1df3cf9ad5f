/** Loads a language and lays the page out in its direction. */
import { i18n, type Messages } from "@lingui/core";

import { type Language, type LanguageId, languageFor } from "./languages";

const CATALOGUES: Readonly<Record<LanguageId, () => Promise<{ messages: Messages }>>> = {
  en: async () => import("./locales/en"),
  "zh-Hans": async () => import("./locales/zh-Hans"),
  ru: async () => import("./locales/ru"),
  uz: async () => import("./locales/uz"),
  prs: async () => import("./locales/prs"),
  ps: async () => import("./locales/ps"),
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

/** Speaks `language` from here on. */
export async function speak(language: Language): Promise<void> {
  const { messages } = await CATALOGUES[language.id]();
  i18n.loadAndActivate({ locale: language.id, messages });
  document.documentElement.lang = language.tag;
  document.documentElement.dir = language.direction;
}

/** Remembers the choice in this browser. */
export function keepLanguage(language: Language): void {
  try {
    localStorage.setItem(LANGUAGE_KEY, language.id);
  } catch {
    // The choice holds for this page.
  }
}

/** The languages of the interface: how each is named, written and formatted. */

/** A language the interface speaks. */
export interface Language {
  readonly id: LanguageId;
  /** Its name in itself. */
  readonly name: string;
  readonly direction: "ltr" | "rtl";
  /** For dates and numbers. Dari is the Persian of Afghanistan to Unicode. */
  readonly locale: string;
  /** For the `lang` attribute: screen readers choose the voice by it. */
  readonly tag: string;
  /** Not yet read by a native reader. */
  readonly isDraft: boolean;
}

/** Id of a language, the name of its catalogue. */
export type LanguageId = "en" | "zh-Hans" | "ru" | "uz" | "prs" | "ps";

/** All of them, in the order they are offered. */
export const LANGUAGES: readonly Language[] = [
  language("en", "English", "en-GB", "en"),
  language("zh-Hans", "简体中文", "zh-Hans-CN", "zh-Hans"),
  language("ru", "Русский", "ru-RU", "ru"),
  language("uz", "Oʻzbekcha", "uz-Latn-UZ", "uz-Latn"),
  { ...language("prs", "دری", "fa-AF", "fa-AF"), direction: "rtl", isDraft: true },
  { ...language("ps", "پښتو", "ps-AF", "ps"), direction: "rtl", isDraft: true },
];

/** The language meant by a tag such as `zh-CN` or `uz-Latn-UZ`; English when it is none of ours. */
export function languageFor(tags: readonly string[]): Language {
  const [english] = LANGUAGES;
  for (const tag of tags) {
    const wanted = tag.toLowerCase();
    const found =
      LANGUAGES.find((each) => each.id.toLowerCase() === wanted) ??
      LANGUAGES.find((each) => each.locale.toLowerCase() === wanted) ??
      LANGUAGES.find((each) => base(each.id) === base(wanted)) ??
      // Persian speakers read Dari more easily than any other of ours.
      (base(wanted) === "fa" ? LANGUAGES.find((each) => each.id === "prs") : undefined);
    if (found !== undefined) return found;
  }
  return english ?? language("en", "English", "en-GB", "en");
}

/** A language by its own name, for a tag such as `zh` or `uz-Latn-UZ`; the tag of one we lack. */
export function languageName(tag: string): string {
  const wanted = tag.toLowerCase();
  const found =
    LANGUAGES.find((each) => each.id.toLowerCase() === wanted) ??
    LANGUAGES.find((each) => base(each.id) === base(wanted));
  return found?.name ?? tag;
}

function base(tag: string): string {
  return tag.toLowerCase().split("-")[0] ?? "";
}

function language(id: LanguageId, name: string, locale: string, tag: string): Language {
  return { id, name, locale, tag, direction: "ltr", isDraft: false };
}

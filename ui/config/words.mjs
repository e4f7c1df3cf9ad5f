/**
 * Fails when the catalogues do not say what the pages say: a sentence not extracted, one that no
 * page uses any more, one without a translation, or one whose placeholders differ from the English.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

const LANGUAGES = ["en", "zh-Hans", "ru", "uz", "prs", "ps"];
const file = (language) => new URL(`../src/i18n/locales/${language}.po`, import.meta.url);
const faults = [];

const before = LANGUAGES.map((language) => readFileSync(file(language), "utf8"));
execFileSync("npx", ["lingui", "extract", "--clean"], { stdio: ["ignore", "ignore", "inherit"] });
for (const [index, language] of LANGUAGES.entries()) {
    const after = readFileSync(file(language), "utf8");
    if (withoutDate(after) !== withoutDate(before[index])) {
        faults.push(`${language}: not up to date with the pages; run: npm run words:extract`);
    }
    // Only looked at: what a person keeps is theirs to change.
    writeFileSync(file(language), before[index]);
    for (const { source, translation } of entries(after)) {
        if (language === "en") continue;
        if (translation === "") faults.push(`${language}: no translation of "${source}"`);
        else if (marks(source) !== marks(translation)) {
            faults.push(`${language}: other placeholders in "${translation}"`);
        }
    }
}
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exit(1);
console.log(`words: ${LANGUAGES.length} languages complete`);

function withoutDate(text) {
    return text.replace(/^"(POT-Creation-Date|PO-Revision-Date):.*\n/gm, "");
}

function entries(text) {
    return text
        .split("\n\n")
        .slice(1)
        .flatMap((block) => {
            const found = /^msgid ([^]*?)^msgstr ([^]*)/m.exec(block);
            return found === null
                ? []
                : [{ source: unquoted(found[1]), translation: unquoted(found[2]) }];
        });
}

function unquoted(text) {
    return [...text.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((match) => match[1]).join("");
}

/** Placeholders and tags, in any order; a plural counts by its variable alone. */
function marks(text) {
    const found = new Set(text.match(/\{\w+(?=[},])|<\/?\d+\/?>/g) ?? []);
    return [...found].toSorted((one, other) => one.localeCompare(other)).join(" ");
}

/**
 * Divides each compiled language in two: the words that the first page can say, and all others,
 * which are on their way while that page is read. A word belongs to the first part if any file says
 * it that `main.tsx` loads without asking for it later.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

const UI = new URL("../", import.meta.url).pathname;
const LANGUAGES = ["en", "zh-Hans", "ru", "uz", "prs", "ps"];
const COMPILED = /JSON\.parse\(("(?:[^"\\]|\\.)*")\)/;

const files = filesOf("src/main.tsx");
const first = new Set();
for (const block of read("src/i18n/locales/en.po").split("\n\n").slice(1)) {
    const origins = [...block.matchAll(/^#: (.*)$/gm)].map((match) => match[1]);
    const source = /^msgid ([^]*?)^msgstr /m.exec(block);
    if (source !== null && origins.some((each) => files.has(each))) first.add(idOf(source[1]));
}
for (const language of LANGUAGES) {
    const file = `src/i18n/locales/${language}.ts`;
    const compiled = COMPILED.exec(read(file));
    if (compiled === null) throw new Error(`${file} is not as the compiler writes it`);
    const words = Object.entries(JSON.parse(JSON.parse(compiled[1])));
    const missing = [...first].filter((id) => !words.some(([known]) => known === id));
    if (missing.length > 0) throw new Error(`${file} has no word ${missing.join(", ")}`);
    write(
        `${language}.ts`,
        words.filter(([id]) => first.has(id)),
    );
    write(
        `${language}.more.ts`,
        words.filter(([id]) => !first.has(id)),
    );
}

/** The file and all that it imports without `import()`. */
function filesOf(file, known = new Set()) {
    if (known.has(file)) return known;
    known.add(file);
    for (const [, wanted] of read(file).matchAll(/^(?:import|export|\}) .*?"(\.[^"]+)";$/gm)) {
        const place = normalize(join(dirname(file), wanted));
        const found = [`${place}.ts`, `${place}.tsx`, `${place}/index.ts`].find((each) =>
            existsSync(UI + each),
        );
        if (found !== undefined) filesOf(found, known);
    }
    return known;
}

/** The id that the macro gives a word: the beginning of the hash of its English. */
function idOf(quoted) {
    const words = [...quoted.matchAll(/"(?:[^"\\]|\\.)*"/g)].map(([each]) => JSON.parse(each));
    return createHash("sha256")
        .update(`${words.join("")}\u001F`)
        .digest("base64")
        .slice(0, 6);
}

function write(name, words) {
    const text = JSON.stringify(JSON.stringify(Object.fromEntries(words)));
    writeFileSync(
        `${UI}src/i18n/locales/${name}`,
        `import type { Messages } from "@lingui/core";\nexport const messages: Messages = JSON.parse(${text});\n`,
    );
}

function read(file) {
    return readFileSync(UI + file, "utf8");
}

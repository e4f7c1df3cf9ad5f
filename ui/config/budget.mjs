/**
 * Fails when the desk costs more than its budget: everything the first page loads, JavaScript and
 * styles, as gzip sends it. The room's code, loaded only on the way to a room, is reported beside.
 */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

/** What a page may cost before the room: at 1 Mbit/s it is there in under two seconds. */
const BUDGET_BYTES = 220 * 1024;

const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf8"));

function filesOf(key, known = new Set()) {
    const entry = manifest[key];
    if (entry === undefined || known.has(entry.file)) return known;
    known.add(entry.file);
    for (const sheet of entry.css ?? []) known.add(sheet);
    for (const each of entry.imports ?? []) filesOf(each, known);
    return known;
}

const weigh = (files) =>
    [...files].reduce(
        (sum, file) => sum + gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length,
        0,
    );

const entry = Object.keys(manifest).find((key) => manifest[key].isEntry);
const first = filesOf(entry);
// Of exactly one language the words of the first page are waited for; the largest counts.
const languages = Object.keys(manifest).filter((key) => /i18n\/locales\/[\w-]+\.ts$/.test(key));
const language = Math.max(...languages.map((key) => weigh(filesOf(key))));
const total = weigh(first) + language;
const room = new Set([...filesOf("src/wiring/room-pages.tsx")].filter((file) => !first.has(file)));

const kib = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`;
console.log(
    `desk ${kib(total)} of ${kib(BUDGET_BYTES)} (language ${kib(language)}); room ${kib(weigh(room))} more`,
);
if (total > BUDGET_BYTES) {
    console.error("The desk is over its budget: split what it does not need at first.");
    process.exit(1);
}

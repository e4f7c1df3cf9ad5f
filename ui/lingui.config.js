/**
 * The languages of the interface. The first four are complete; `prs` and `ps` are drafts, laid out
 * right to left, that wait for a native reader.
 */
export default {
    sourceLocale: "en",
    locales: ["en", "zh-Hans", "ru", "uz", "prs", "ps"],
    catalogs: [{ path: "src/i18n/locales/{locale}", include: ["src"], exclude: ["**/*.test.ts"] }],
    compileNamespace: "ts",
    orderBy: "origin",
    formatOptions: { lineNumbers: false },
};

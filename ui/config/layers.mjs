/**
 * Checks who imports whom, by the rules in layers.cjs.
 *
 * TypeScript 7 has no programming interface for dependency-cruiser to read sources with, so it is
 * given TypeScript 6 to read with; what is compiled and checked is TypeScript 7 all the same.
 */
import Module, { createRequire, register } from "node:module";

const READER = "typescript-6";
const hook = `export const resolve = (name, context, next) =>
  next(name === "typescript" ? ${JSON.stringify(READER)} : name, context);`;
register(`data:text/javascript,${encodeURIComponent(hook)}`, import.meta.url);
// oxlint-disable no-underscore-dangle
const resolveFilename = Module._resolveFilename;
Module._resolveFilename = (name, ...rest) =>
    resolveFilename(name.replace(/^typescript(?=$|\/)/, READER), ...rest);
// oxlint-enable no-underscore-dangle

const { cruise } = await import("dependency-cruiser");
const { forbidden, options } = createRequire(import.meta.url)("./layers.cjs");
const { enhancedResolveOptions, ...rest } = options;
const { output, exitCode } = await cruise(
    ["src", "testing", "config"],
    { ruleSet: { forbidden, options }, validate: true, outputType: "err", ...rest },
    enhancedResolveOptions,
);
console.log(output);
process.exit(exitCode);

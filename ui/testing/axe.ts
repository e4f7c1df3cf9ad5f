/** Accessibility faults of a page, by axe-core. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults, RunOptions } from "axe-core";
import type { Page } from "playwright-core";

import { settle } from "./fit";

const SOURCE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const OPTIONS: RunOptions = {
  resultTypes: ["violations"],
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
};

/** A fault in a line each: the rule, and the first elements that break it. */
export async function accessibilityFaults(page: Page, within = "html"): Promise<readonly string[]> {
  // Read once per document; a page that only changes its address keeps it.
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(SOURCE);
  await settle(page);
  const found = await page.evaluate(run, { within, options: OPTIONS });
  return found.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(inWords).join(" | ")}`);
}

async function run(asked: {
  readonly within: string;
  readonly options: RunOptions;
}): Promise<AxeResults["violations"]> {
  const { axe } = window as unknown as {
    axe: { run(of: string, options: RunOptions): Promise<AxeResults> };
  };
  return (await axe.run(asked.within, asked.options)).violations;
}

function inWords({ html, failureSummary }: AxeResults["violations"][number]["nodes"][number]) {
  return `${html} ${failureSummary ?? ""}`;
}

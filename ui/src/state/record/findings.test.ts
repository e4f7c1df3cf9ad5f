import { expect, test } from "vitest";

import type { Account } from "../../record/told";
import { checkedIn, troublesIn } from "./findings";

test("findings are gathered by what a person has to do about them, the wrong before the missing", () => {
  const finding = (code: string, is_gap: boolean) => ({ code, where: code, text: code, is_gap });
  const account = accountOf([
    finding("log_silent", true),
    finding("entry_moved", false),
    finding("entry_changed", false),
    finding("something_new", false),
  ]);
  const found = troublesIn(account);
  expect(found.map(({ trouble }) => trouble)).toEqual(["entry", "file", "silence"]);
  expect(found[0]?.findings).toHaveLength(2);
});

test("what was checked is counted over all logs", () => {
  const log = {
    log: "a/0",
    entries: 3,
    root: "",
    holds: true,
    signed_at: "",
    ml_dsa_to: 0,
    held_by: {},
    set_aside: [{ index: 1, reason: "" }],
  };
  const agreement = { body: "", named: [], by: {}, is_agreed: true };
  const account = { ...accountOf([]), logs: [log, log], agreements: [agreement] };
  expect(checkedIn(account)).toEqual({ logs: 2, entries: 6, set_aside: 2, agreed: 1 });
});

function accountOf(findings: Account["findings"]): Account {
  return { verdict: 0, exporter: {}, findings, logs: [], entries: [], agreements: [] };
}

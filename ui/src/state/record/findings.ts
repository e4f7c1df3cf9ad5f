/** What a verifier found, gathered into the few things a person has to tell apart. */
import type { Account, Finding } from "../../record/told";

/** What kind of thing was found. */
export type Trouble =
  | "missing"
  | "file"
  | "entry"
  | "signature"
  | "history"
  | "time"
  | "dispute"
  | "frozen"
  | "evidence"
  | "party"
  | "silence"
  | "crisis";

const TROUBLES: Readonly<Record<string, Trouble>> = {
  manifest_missing: "missing",
  file_missing: "missing",
  keys_missing: "missing",
  checkpoint_missing: "missing",
  log_missing: "missing",
  entries_missing: "missing",
  manifest_wrong: "file",
  file_damaged: "file",
  file_changed: "file",
  file_twice: "file",
  file_unknown: "file",
  entries_wrong: "entry",
  entry_dropped: "entry",
  entry_moved: "entry",
  entry_changed: "entry",
  tiles_wrong: "entry",
  opening_missing: "entry",
  checkpoint_wrong: "signature",
  log_truncated: "history",
  log_forked: "history",
  log_rolled_back: "history",
  entry_back_dated: "time",
  entry_forward_dated: "time",
  log_disputed: "dispute",
  log_frozen: "frozen",
  freeze_wrong: "evidence",
  evidence_wrong: "evidence",
  party_unknown: "party",
  party_not_trusted: "party",
  log_silent: "silence",
  passkey_missing: "missing",
  assertion_wrong: "signature",
  account_wrong: "crisis",
  timeline_wrong: "crisis",
};

/** Findings of one kind. */
export interface TroubleFound {
  readonly trouble: Trouble;
  readonly is_gap: boolean;
  readonly findings: readonly Finding[];
}

/** What was found, what is wrong before what is only missing. */
export function troublesIn(account: Account): readonly TroubleFound[] {
  const found = new Map<string, { trouble: Trouble; is_gap: boolean; findings: Finding[] }>();
  for (const finding of account.findings) {
    const trouble = TROUBLES[finding.code] ?? "file";
    const key = `${trouble} ${String(finding.is_gap)}`;
    const known = found.get(key) ?? { trouble, is_gap: finding.is_gap, findings: [] };
    found.set(key, known);
    known.findings.push(finding);
  }
  return [...found.values()].toSorted((one, other) => Number(one.is_gap) - Number(other.is_gap));
}

/** What was checked, counted. */
export interface Checked {
  readonly logs: number;
  readonly entries: number;
  readonly set_aside: number;
  readonly agreed: number;
}

/** What a verifier went through. */
export function checkedIn(account: Account): Checked {
  return {
    logs: account.logs.length,
    entries: account.logs.reduce((sum, log) => sum + log.entries, 0),
    set_aside: account.logs.reduce((sum, log) => sum + log.set_aside.length, 0),
    agreed: account.agreements.filter((each) => each.is_agreed).length,
  };
}

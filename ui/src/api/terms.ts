/** Requests to one's own node about the terms of a line: what both nodes act on. */
import * as read from "./decode";
import { ask, say } from "./node";
import {
  ACCEPTED,
  PROFILES,
  type LineTerms,
  type LineTermsAnswer,
  type TermsVersion,
} from "./terms-types";
import { PRECEDENCES } from "./duty-types";
import { partyId } from "./party";
import type { PartyId } from "./types";

const terms = read.shape<LineTerms>({
  limits: read.list(
    read.shape<LineTerms["limits"][number]>({
      precedence: read.oneOf(PRECEDENCES),
      target_s: read.number,
      limit_s: read.number,
      answer_s: read.number,
    }),
  ),
  call_hours: read.number,
  clarification_hours: read.number,
  checks: read.oneOf(PROFILES),
  civil_hours: read.list(read.number),
  levels: read.list(read.text),
  languages: read.list(read.text),
  types: read.list(read.text),
  suspended_alerts: read.oneOf(ACCEPTED),
  shares_escalation: read.flag,
  account_days: read.number,
  readout_hours: read.number,
  code_minutes: read.number,
  shares_acknowledgements: read.flag,
  mornings: read.list(
    read.shape<LineTerms["mornings"][number]>({
      party: partyId,
      zone: read.text,
      days: read.list(read.number),
      at: read.text,
      holidays: read.list(read.text),
    }),
  ),
});

/** Reads the answer of `GET /api/lines/{party}/terms`. */
const lineTerms = read.shape<LineTermsAnswer>({
  in_force: terms,
  versions: read.list(
    read.shape<TermsVersion>({ hash: read.text, terms, changes: read.list(read.text) }),
  ),
});

/** The terms in force on a line, and those of every version that has any. */
export async function readTerms(party: PartyId): Promise<LineTermsAnswer> {
  return ask(path(party), lineTerms);
}

/** Proposes a version of the agreement with terms; it is signed as any version is. */
export async function proposeTerms(party: PartyId, body: string, wanted: LineTerms): Promise<void> {
  const { limits, ...rest } = wanted;
  const byName = limits.map(({ precedence, ...each }) => [precedence, each] as const);
  await say("POST", path(party), { body, ...rest, ...Object.fromEntries(byName) });
}

function path(party: PartyId): string {
  return `/api/lines/${encodeURIComponent(party)}/terms`;
}

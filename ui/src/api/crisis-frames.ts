/** Readers of what the node says of crises. */
import type * as wire from "./crisis-types";
import {
  ASSESSMENT_STATES,
  READOUT_STATES,
  SECTIONS,
  SIDE_STATES,
  STATEMENT_KINDS,
  STATEMENT_STATES,
} from "./crisis-types";
import * as read from "./decode";
import { partyId } from "./party";
import type { SpaceId } from "./record-types";

const maybe = read.orNull(read.text);
const texts = read.list(read.shape<wire.CrisisText>({ language: read.text, text: read.text }));
const state = read.orNull(read.oneOf(ASSESSMENT_STATES));
const breaches = read.list(
  read.shape<wire.CrisisBreach>({
    hash: read.text,
    author: partyId,
    kind: read.text,
    what: read.text,
  }),
);
const summaryFields = {
  hash: read.text,
  space: read.id<SpaceId>(),
  number: read.text,
  opener: partyId,
  parties: read.list(
    read.shape<wire.CrisisParty>({ id: partyId, name: maybe, is_ours: read.flag }),
  ),
  sides: read.list(
    read.shape<wire.CrisisSide>({
      party: partyId,
      state: read.oneOf(SIDE_STATES),
      title: texts,
      grade: maybe,
      start: maybe,
      opened_at: maybe,
      closed_at: maybe,
      words: maybe,
    }),
  ),
  is_open: read.flag,
  is_exercise: read.flag,
  last_at: read.text,
  state,
};

/** Reads the answer of `GET /api/crises`. */
export const crises = read.shape<{ crises: readonly wire.CrisisSummary[] }>({
  crises: read.list(read.shape<wire.CrisisSummary>(summaryFields)),
});
/** Reads one crisis. */
export const crisis = read.shape<wire.Crisis>({
  ...summaryFields,
  statements: read.list(
    read.shape<wire.Statement>({
      hash: read.text,
      party: partyId,
      kind: read.oneOf(STATEMENT_KINDS),
      texts,
      at: read.text,
      came_at: read.text,
      state: read.oneOf(STATEMENT_STATES),
      disputes: maybe,
      disputed_by: read.list(read.text),
      reply_words: maybe,
      is_quotable: read.flag,
    }),
  ),
  facts: read.list(
    read.shape<wire.Fact>({
      hash: read.text,
      texts,
      state: read.oneOf(["proposed", "agreed"]),
      claim: maybe,
      signed: read.list(read.list(read.text)),
      is_quotable: read.flag,
    }),
  ),
  linked: read.list(read.shape<wire.Crisis["linked"][number]>({ hash: read.text, party: partyId })),
  breaches,
  quiet_since: maybe,
  room: maybe,
  check_minutes: read.orNull(read.number),
});
/** Reads an assessment. */
export const assessment = read.shape<wire.Assessment>({
  crisis: read.text,
  state: read.oneOf(ASSESSMENT_STATES),
  begun: read.text,
  deadline: read.text,
  is_after_deadline: read.flag,
  timelines: read.list(
    read.shape<wire.TimelineGiven>({
      party: partyId,
      digest: read.text,
      count: read.number,
      at: read.text,
    }),
  ),
  are_timelines_equal: read.orNull(read.flag),
  differences: read.list(
    read.shape<wire.Assessment["differences"][number]>({ head: read.text, party: partyId }),
  ),
  accounts: read.list(
    read.shape<wire.Account>({
      party: partyId,
      seal: read.text,
      sealed_at: read.text,
      shown: read.orNull(texts),
      shown_at: maybe,
      is_awaited: read.flag,
    }),
  ),
  sheet: read.list(
    read.shape<wire.Paragraph>({
      key: read.text,
      section: read.oneOf(SECTIONS),
      order: read.number,
      is_bracketed: read.flag,
      versions: read.list(
        read.shape<wire.Version>({
          party: read.orNull(partyId),
          texts,
          owner: read.orNull(partyId),
          due: maybe,
        }),
      ),
    }),
  ),
  sheet_hash: maybe,
  adoptions: read.list(
    read.shape<wire.Assessment["adoptions"][number]>({
      party: partyId,
      sheet: read.text,
      at: read.text,
      is_current: read.flag,
    }),
  ),
  ended_by: read.orNull(partyId),
  readouts: read.list(
    read.shape<wire.Readout>({
      hash: read.text,
      party: partyId,
      texts,
      public_from: read.text,
      at: read.text,
      state: read.oneOf(READOUT_STATES),
      held_at: maybe,
      free_at: maybe,
      is_short: read.flag,
    }),
  ),
  readout_hours: read.number,
  breaches,
});
/** Reads the answer of `GET …/timeline`. */
export const timeline = read.shape<{ entries: readonly wire.TimelineEntry[] }>({
  entries: read.list(
    read.shape<wire.TimelineEntry>({
      hash: read.text,
      party: partyId,
      kind: read.text,
      at: read.text,
      came_at: maybe,
      is_linked: read.flag,
      office: read.orNull(read.text),
    }),
  ),
});
/** Reads our account as it is being written. */
export const accountDraft = read.shape<{
  texts: readonly wire.CrisisText[];
  changed_at: string | null;
}>({ texts, changed_at: maybe });
/** Reads what a readout has from the record. */
export const quotes = read.shape<{ quotes: readonly wire.Quote[] }>({
  quotes: read.list(
    read.shape<wire.Quote>({
      hash: read.text,
      party: partyId,
      kind: read.text,
      language: read.text,
      place: read.number,
      words: read.text,
      may_be_quoted: read.flag,
    }),
  ),
});
const millisecondsOrNone = read.orNull(read.number);
const spread = read.shape<wire.Spread>({
  count: read.number,
  median_ms: millisecondsOrNone,
  longest_ms: millisecondsOrNone,
});
const alertFigures = read.list(
  read.shape<wire.AlertFigures>({
    party: partyId,
    alerts: read.number,
    deliver: spread,
    present: spread,
    acknowledge: spread,
    answer: spread,
  }),
);
/** Reads the answer of `GET /api/exercises`. */
export const exercises = read.shape<wire.DrillFigures>({
  times: read.list(read.shape<wire.DrillFigures["times"][number]>({ hash: read.text })),
  figures: alertFigures,
});
/** Reads the answer of `GET …/measures`. */
export const measures = read.shape<wire.CrisisMeasures>({
  begun_at: read.text,
  ended_at: maybe,
  alerts: alertFigures,
  checks: read.list(
    read.shape<wire.CheckFigures>({
      party: partyId,
      kept: read.number,
      missed: read.number,
      causes: read.record(read.number),
    }),
  ),
  notifications: read.list(
    read.shape<wire.NotificationFigures>({
      party: partyId,
      sent: read.number,
      late: read.number,
      latest_ms: millisecondsOrNone,
    }),
  ),
  escalation: read.shape<wire.EscalationFigures>({
    started: read.number,
    steps: read.number,
    latest_ms: millisecondsOrNone,
    told: read.number,
  }),
  paths: read.list(
    read.shape<wire.PathFigures>({
      path: maybe,
      seen_ms: read.number,
      up_ms: read.number,
      breaks: read.number,
    }),
  ),
});

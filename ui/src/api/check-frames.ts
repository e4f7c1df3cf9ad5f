/** Readers of everything the node says of line checks. */
import * as wire from "./check-types";
import * as read from "./decode";

const lineCheck = read.shape<wire.LineCheck>({
  name: read.text,
  hash: read.orNull(read.text),
  is_scheduled: read.flag,
  is_exercise: read.flag,
  is_ours: read.flag,
  due_at: read.text,
  state: read.oneOf(wire.CHECK_STATES),
  turn: read.oneOf(wire.TURNS),
  may: read.list(read.oneOf(wire.CHECK_ACTS)),
  limit_at: read.orNull(read.text),
  passage: read.list(read.shape<wire.Passage>({ language: read.text, text: read.text })),
  code: read.orNull(read.text),
  cause: read.orNull(read.oneOf(wire.SILENCES)),
  silent: read.orNull(read.oneOf(wire.SIDES)),
  proved: read.orNull(read.oneOf(wire.PROVED)),
  proved_at: read.orNull(read.text),
  words: read.orNull(read.text),
  ended_at: read.orNull(read.text),
});

const checkLine = read.shape<wire.CheckLine>({
  space: read.text,
  party: read.text,
  party_id: read.text,
  profile: read.oneOf(wire.PROFILES),
  next: read.list(read.shape({ due_at: read.text, is_ours: read.flag })),
  now: read.orNull(lineCheck),
  history: read.list(lineCheck),
  site: read.shape({
    has_edge: read.flag,
    edge_at: read.orNull(read.text),
    node_at: read.orNull(read.text),
  }),
  standings: read.list(
    read.shape<wire.PartyStanding>({
      is_ours: read.flag,
      standing: read.oneOf(wire.LINE_STANDINGS),
      from_at: read.orNull(read.text),
      reason: read.orNull(read.text),
      alerts: read.orNull(read.oneOf(wire.ACCEPTED)),
      has_checks: read.orNull(read.flag),
      waits_for_second: read.flag,
      asked_by_me: read.flag,
    }),
  ),
  notices: read.list(read.shape({ name: read.text, made_at: read.text })),
});

/** Reads the answer of `GET /api/checks`. */
export const checkLines = read.shape<{ lines: readonly wire.CheckLine[] }>({
  lines: read.list(checkLine),
});

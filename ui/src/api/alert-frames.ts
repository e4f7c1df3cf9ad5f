/** Readers of what the node says of alerts. */
import type * as wire from "./alert-types";
import { PRECEDENCES } from "./alert-types";
import * as read from "./decode";
import type { Reader } from "./decode";
import { partyId } from "./party";

const text = read.shape<wire.AlertText>({ language: read.text, text: read.text });
const texts = read.list(text);
const words = read.orNull(read.text);
const precedence = read.oneOf(PRECEDENCES);

const saying = read.shape<wire.Saying>({
  sentence: read.text,
  duty: read.text,
  at: words,
  is_clock_doubtful: read.flag,
  capacity: words,
  has_sound: read.orNull(read.flag),
  bound_ms: read.orNull(read.number),
});

const answer = read.shape<wire.Answer>({
  kind: read.text,
  capacity: read.text,
  words,
  at: read.text,
  until: words,
  level: words,
  is_confirmed: read.flag,
});

const acknowledgement = read.shape<wire.Acknowledgement>({
  capacity: read.text,
  language: read.text,
  sentences: texts,
  at: read.text,
  is_confirmed: read.flag,
});

const paraphrase = read.shape<wire.Paraphrase>({
  hash: read.text,
  language: read.text,
  text: read.text,
  capacity: read.text,
  at: read.text,
  has_arrived: read.flag,
  word: read.orNull(
    read.shape<wire.ParaphraseWord>({
      kind: read.text,
      correction: read.orNull(text),
      capacity: read.text,
      at: read.text,
      has_arrived: read.flag,
    }),
  ),
});

/** Reads one alert. */
export const alert: Reader<wire.Alert> = read.shape<wire.Alert>({
  hash: read.text,
  thread: read.text,
  is_ours: read.flag,
  party: read.text,
  party_id: partyId,
  precedence,
  written: precedence,
  is_demoted: read.flag,
  is_exercise: read.flag,
  reaches_principals: read.flag,
  is_signed: read.flag,
  is_verified: read.flag,
  is_quotable: read.flag,
  level: words,
  state: read.text,
  standing: read.text,
  texts,
  translations: read.list(
    read.shape<wire.Translation>({ party: partyId, language: read.text, text: words }),
  ),
  recipients: read.list(partyId),
  body_hash: read.text,
  attachment: words,
  released_at: read.text,
  released_bound_ms: read.orNull(read.number),
  received_at: words,
  received_bound_ms: read.orNull(read.number),
  started_at: read.text,
  expires_at: words,
  saying,
  due: read.list(read.shape<wire.Due>({ limit: read.text, due_at: read.text, theirs_at: words })),
  overdue: read.list(read.shape<wire.Overdue>({ step: read.text, due_at: read.text })),
  presented: read.list(
    read.shape<wire.Presentation>({ desk: read.text, has_sound: read.flag, at: read.text }),
  ),
  acknowledgements: read.list(acknowledgement),
  answers: read.list(answer),
  paraphrases: read.list(paraphrase),
  paraphrase_state: read.text,
  closings: read.list(
    read.shape<wire.Closing>({ party: partyId, words, at: read.text, arrived_at: words }),
  ),
  holds_left: read.number,
  steps: read.list(
    read.shape<wire.StepTold>({ is_ours: read.flag, number: read.number, reached_at: read.text }),
  ),
  told: read.list(
    read.shape<wire.AcknowledgementTold>({
      party: read.text,
      party_id: partyId,
      capacity: read.text,
      language: read.text,
      at: read.text,
    }),
  ),
  supersedes: words,
  superseded_by: words,
  withdrawn_words: words,
  breaches: read.list(
    read.shape<wire.Breach>({ entry: read.text, party: partyId, kind: read.text, what: read.text }),
  ),
});

/** Reads one draft. */
export const draft: Reader<wire.AlertDraft> = read.shape<wire.AlertDraft>({
  id: read.text,
  state: read.text,
  precedence,
  is_exercise: read.flag,
  reaches_principals: read.flag,
  is_quotable: read.flag,
  level: words,
  texts,
  recipients: read.list(partyId),
  supersedes: words,
  attachment: words,
  stands_s: read.orNull(read.number),
  body_hash: read.text,
  drafter: read.text,
  drafter_name: words,
  verifier: words,
  verifier_name: words,
  released_to: read.list(partyId),
  changed_at: read.text,
});

/** Reads a list of alerts. */
export const alerts = read.shape<{ alerts: readonly wire.Alert[] }>({ alerts: read.list(alert) });
/** Reads a list of drafts. */
export const drafts = read.shape<{ drafts: readonly wire.AlertDraft[] }>({
  drafts: read.list(draft),
});

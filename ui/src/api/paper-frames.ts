/** Readers of everything the node says of notifications and call requests. */
import * as read from "./decode";
import type { Reader } from "./decode";
import type * as wire from "./paper-types";
import type { SpaceId } from "./record-types";
import type { PartyId } from "./types";

/** JSON as it came: what is shown of it decides for itself what it can be. */
const json: Reader<wire.Json> = (value) => value as wire.Json;
const map = read.record(json);
const space = read.id<SpaceId>();
const party = read.id<PartyId>();
const pairs = read.list(read.list(read.text));
const finding = read.shape<wire.Finding>({
  field: read.text,
  reason: read.text,
  wanted: read.text,
  weight: read.text,
});

/** Reads one type; the line it belongs to is known to whoever asked. */
const type = read.shape<Omit<wire.NotificationType, "space">>({
  hash: read.text,
  entry: read.text,
  id: read.text,
  version: read.number,
  proposed_by: party,
  definition: map,
  agreed_by: read.list(party),
  is_usable: read.flag,
});
/** Reads the answer of `GET /api/notification-types`. */
export const types = read.shape<{
  types: readonly Omit<wire.NotificationType, "space">[];
}>({
  types: read.list(type),
});
/** Reads the answer of `GET /api/notification-types/starter`. */
export const starters = read.shape<{ types: readonly wire.StarterType[] }>({
  types: read.list(read.shape<wire.StarterType>({ id: read.text, definition: read.text })),
});
/** Reads one draft. */
export const draft = read.shape<wire.NotificationDraft>({
  id: read.text,
  space,
  type_hash: read.text,
  form: map,
  corrects: read.orNull(read.text),
  is_exercise: read.flag,
  state: read.text,
  drafter: read.text,
  verifier: read.orNull(read.text),
  changed_at: read.text,
  findings: read.list(finding),
});
/** Reads the answer of `GET /api/notifications/drafts`. */
export const drafts = read.shape<{ drafts: readonly wire.NotificationDraft[] }>({
  drafts: read.list(draft),
});
const query = read.shape<wire.NotificationQuery>({
  hash: read.text,
  words: read.text,
  asked_at: read.text,
  due_at: read.text,
  state: read.text,
  answers: read.list(
    read.shape<wire.NotificationQuery["answers"][number]>({
      at: read.text,
      words: read.text,
      capacity: read.text,
    }),
  ),
  capacity: read.text,
});
/** Reads one notification. */
export const notification = read.shape<wire.Notification>({
  hash: read.text,
  space,
  author: party,
  number: read.text,
  is_exercise: read.flag,
  type_id: read.text,
  type_version: read.number,
  type_hash: read.text,
  state: read.text,
  form: read.orNull(map),
  sent_at: read.text,
  provided_at: read.orNull(read.text),
  effective_at: read.orNull(read.text),
  due_at: read.orNull(read.text),
  late: read.orNull(read.text),
  corrects: read.orNull(read.text),
  ended_by: read.orNull(read.text),
  words: read.text,
  capacity: read.text,
  ended_as: read.orNull(read.text),
  queries: read.list(query),
  findings: read.list(finding),
  breaches: pairs,
});
/** Reads the answer of `GET /api/notifications`. */
export const notifications = read.shape<{ notifications: readonly wire.Notification[] }>({
  notifications: read.list(notification),
});
/** Reads the answer of `GET /api/notifications/numbers`. */
export const numbers = read.shape<{ faults: readonly wire.NumberFault[] }>({
  faults: read.list(
    read.shape<wire.NumberFault>({
      space,
      party,
      type_id: read.text,
      year: read.number,
      is_exercise: read.flag,
      number: read.number,
      fault: read.text,
      hashes: read.list(read.text),
    }),
  ),
});
/** Reads the answer of `GET /api/notifications/reminders`. */
export const reminders = read.shape<{ reminders: readonly wire.Reminder[] }>({
  reminders: read.list(
    read.shape<wire.Reminder>({
      space,
      type_id: read.text,
      year: read.number,
      due_at: read.text,
      is_met: read.flag,
    }),
  ),
});

const dates = read.shape<wire.Dates>({ at: read.text, by_party: read.record(read.text) });
const maybeDates = read.orNull(dates);
/** Reads one call request. */
export const call = read.shape<wire.CallRequest>({
  hash: read.text,
  space,
  asker: party,
  who_asks: read.text,
  who_is_asked: read.text,
  level: read.text,
  subject: read.orNull(read.text),
  mode: read.text,
  languages: read.list(read.text),
  interpreter: read.text,
  asked: dates,
  earliest: dates,
  latest: dates,
  answer_hours: read.number,
  is_exercise: read.flag,
  state: read.text,
  offer: read.text,
  turn: read.orNull(party),
  due: maybeDates,
  due_here: maybeDates,
  is_overdue: read.flag,
  begins: maybeDates,
  turns: read.list(
    read.shape<wire.CallTurn>({
      hash: read.text,
      party,
      at: read.text,
      answer: read.text,
      earliest: maybeDates,
      latest: maybeDates,
      level: read.orNull(read.text),
      until: maybeDates,
      reason: read.orNull(read.text),
      capacity: read.text,
    }),
  ),
  holds_left: read.number,
  capacity: read.text,
  withdrawn_as: read.orNull(read.text),
  identity: read.shape<wire.CallRequest["identity"]>({
    commitment: read.orNull(read.text),
    asked_key: read.orNull(read.text),
    code: read.orNull(read.text),
  }),
  thread: read.orNull(read.text),
  started: maybeDates,
  ended: maybeDates,
  speaking: read.list(party),
  mismatches: pairs,
  breaches: pairs,
});
/** Reads the answer of `GET /api/call-requests`. */
export const calls = read.shape<{ calls: readonly wire.CallRequest[] }>({
  calls: read.list(call),
});

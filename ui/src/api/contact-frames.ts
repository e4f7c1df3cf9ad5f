/** Readers of everything the node says of contacts. */
import * as wire from "./contact-types";
import * as read from "./decode";

const texts = read.list(read.shape<wire.ContactText>({ language: read.text, text: read.text }));

const contact = read.shape<wire.Contact>({
  mark: read.text,
  title: texts,
  level: read.text,
  duty: texts,
  hours: read.orNull(
    read.shape<wire.ContactHours>({
      zone: read.text,
      spans: read.list(
        read.shape<wire.HoursSpan>({
          days: read.list(read.number),
          begins: read.text,
          ends: read.text,
        }),
      ),
    }),
  ),
  languages: read.list(read.text),
  ways: read.list(read.shape<wire.Way>({ kind: read.oneOf(wire.WAY_KINDS), text: read.text })),
  is_open: read.orNull(read.flag),
  changes_at: read.orNull(read.text),
  standing: read.oneOf(wire.CONTACT_STANDINGS),
  trials: read.list(
    read.shape<wire.ContactTrial>({
      is_ours: read.flag,
      outcome: read.oneOf(wire.TRIAL_OUTCOMES),
      at: read.text,
      was_open: read.orNull(read.flag),
      words: read.orNull(read.text),
    }),
  ),
});

const breaches = read.list(
  read.shape<wire.ContactBreach>({ entry: read.text, is_ours: read.flag, what: read.text }),
);

const party = read.shape<wire.PartyContacts>({
  is_ours: read.flag,
  standing: read.oneOf(wire.LIST_STANDINGS),
  hash: read.orNull(read.text),
  confirmed_at: read.orNull(read.text),
  due_at: read.orNull(read.text),
  received_at: read.orNull(read.text),
  contacts: read.list(contact),
  breaches,
});

const line = read.shape<wire.ContactLine>({
  space: read.text,
  party: read.text,
  party_id: read.text,
  levels: read.list(read.text),
  ours: party,
  theirs: party,
  breaches,
});

/** Reads the answer of `GET /api/contacts`. */
export const contactLines = read.shape<{ lines: readonly wire.ContactLine[] }>({
  lines: read.list(line),
});

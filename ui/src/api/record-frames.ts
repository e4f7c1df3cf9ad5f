/** Readers of everything the node says of the record. */
import type * as wire from "./record-types";
import { RECEIPT_WORDS, STANDINGS } from "./record-types";
import * as read from "./decode";
import type { Reader } from "./decode";
import { party, partyId } from "./party";

const spaceId = read.id<wire.SpaceId>();

const log = read.shape<wire.RecordLog>({
  log: read.text,
  party,
  epoch: read.number,
  size: read.number,
  root: read.orNull(read.text),
  signed_at: read.orNull(read.text),
  state: read.text,
  standing: read.oneOf(STANDINGS),
  held: read.list(
    read.shape<wire.Holding>({ party_id: partyId, size: read.number, at: read.orNull(read.text) }),
  ),
  evidence_count: read.number,
  set_aside_count: read.number,
});

/** Reads the answer of `GET /api/record/spaces`, and the desk's frame of the same. */
export const spaces = read.shape<{ spaces: readonly wire.RecordSpace[] }>({
  spaces: read.list(
    read.shape<wire.RecordSpace>({
      id: spaceId,
      name: read.text,
      members: read.list(party),
      logs: read.list(log),
    }),
  ),
});

const receipt = read.shape<wire.Receipt>({
  party,
  word: read.oneOf(RECEIPT_WORDS),
  held_at: read.orNull(read.text),
  delivered_at: read.orNull(read.text),
  acknowledged_at: read.orNull(read.text),
  acknowledged_by: read.orNull(read.text),
});
const anything: Reader<unknown> = (value) => value;

/** Reads one entry. */
export const entry = read.shape<wire.Entry>({
  log: read.text,
  index: read.number,
  hash: read.text,
  party,
  space: spaceId,
  kind: read.orNull(read.number),
  kind_name: read.text,
  thread: read.orNull(read.text),
  written_at: read.orNull(read.text),
  precedence: read.orNull(read.text),
  deadline: read.orNull(read.text),
  refs: read.list(read.text),
  heads: read.list(
    read.shape<wire.Entry["heads"][number]>({ party_id: partyId, size: read.number }),
  ),
  actor: read.orNull(read.text),
  office: read.orNull(read.text),
  body: read.orNull(read.record(anything)),
  sealed: read.orNull(
    read.shape<NonNullable<wire.Entry["sealed"]>>({
      hash: read.text,
      size: read.number,
      key: read.text,
      state: read.orNull(read.text),
    }),
  ),
  receipts: read.list(receipt),
  set_aside: read.orNull(read.text),
});

/** Reads the answer of `GET /api/record/entries`. */
export const entries = read.shape<wire.EntryPage>({
  entries: read.list(entry),
  next: read.orNull(read.text),
});

/** Reads the answer of `GET /api/lines/{party}/agreement`. */
export const agreement = read.shape<{ versions: readonly wire.AgreementVersion[] }>({
  versions: read.list(
    read.shape<wire.AgreementVersion>({
      number: read.number,
      hash: read.text,
      body: read.text,
      ours_signed_at: read.orNull(read.text),
      theirs_signed_at: read.orNull(read.text),
      state: read.text,
    }),
  ),
});

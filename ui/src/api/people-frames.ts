/** Readers of everything the node says of its people. */
import type * as wire from "./people-types";
import { OPEN_KINDS } from "./people-types";
import * as read from "./decode";
import type { Reader } from "./decode";

const name = read.shape<wire.PersonName>({ id: read.text, name: read.text });

/** Reads the answer of `GET /api/people`. */
export const people = read.shape<{ people: readonly wire.PersonRow[] }>({
  people: read.list(
    read.shape<wire.PersonRow>({
      id: read.text,
      name: read.text,
      language: read.text,
      roles: read.list(read.text),
      offices: read.list(read.text),
      passkeys: read.number,
      seen_at: read.orNull(read.text),
      revoked_at: read.orNull(read.text),
    }),
  ),
});
/** Reads the answer of `POST /api/people`. */
export const invitation = read.shape<wire.Invitation>({
  address: read.text,
  expires_at: read.orNull(read.text),
});
/** Reads the answer of `GET /api/offices`. */
export const offices = read.shape<{ offices: readonly wire.Office[] }>({
  offices: read.list(
    read.shape<wire.Office>({
      id: read.text,
      name: read.text,
      people: read.list(name),
      duty: read.orNull(
        read.shape<wire.Duty>({
          person: name,
          state: read.text,
          taken_at: read.text,
          offered_to: read.orNull(name),
        }),
      ),
      planned: read.orNull(read.shape({ person: name, since: read.text })),
      closed_at: read.orNull(read.text),
    }),
  ),
});
/** Reads the answer of `GET /api/handover`. */
export const handover = read.shape<wire.Handover>({
  at: read.text,
  matters: read.list(
    read.shape<wire.OpenMatter>({
      kind: read.oneOf(OPEN_KINDS),
      about: read.text,
      party: read.text,
      state: read.text,
      text: read.text,
      precedence: read.orNull(read.text),
      duty: read.orNull(read.text),
      at: read.orNull(read.text),
      due: read.list(
        read.shape<wire.OpenDue>({
          limit: read.text,
          due_at: read.text,
          theirs_at: read.orNull(read.text),
        }),
      ),
      is_ours: read.flag,
      is_exercise: read.flag,
      is_late: read.flag,
    }),
  ),
  untold: read.number,
});
/** Reads the answer of `GET /api/devices`. */
export const devices = read.shape<{ devices: readonly wire.Device[] }>({
  devices: read.list(
    read.shape<wire.Device>({
      id: read.text,
      name: read.text,
      kind: read.text,
      added_at: read.orNull(read.text),
      seen_at: read.orNull(read.text),
      is_this: read.flag,
    }),
  ),
});
/** Reads the answer of `GET /api/permissions`. */
export const permissions = read.shape<wire.PermissionTable>({
  acts: read.list(
    read.shape<wire.PermissionRow>({
      act: read.text,
      needs: read.text,
      roles: read.record(read.list(read.text)),
    }),
  ),
});
/** Reads the roles that are lent, or asked for. */
export const lent = read.list(
  read.shape<wire.BrokenGlass>({
    id: read.text,
    person: name,
    role: read.text,
    reason: read.text,
    ends_at: read.orNull(read.text),
    second: read.orNull(name),
    state: read.text,
  }),
);
/** Reads the answer of `GET /api/break-glass`. */
export const brokenGlass = read.shape<{ lent: readonly wire.BrokenGlass[] }>({ lent });
/** Reads the answer of `GET /api/duress`. */
export const duress = read.shape<{ calls: readonly wire.DuressCall[] }>({
  calls: read.list(
    read.shape<wire.DuressCall>({
      id: read.text,
      person: name,
      began_at: read.text,
      seen_at: read.text,
    }),
  ),
});
/** Reads the answer of `GET /api/trail`. */
export const trail = read.shape<wire.TrailPart>({
  rows: read.list(
    read.shape<wire.TrailRow>({
      number: read.number,
      at: read.text,
      act: read.text,
      asker: read.text,
      asker_name: read.orNull(read.text),
      subject: read.text,
      subject_name: read.orNull(read.text),
      outcome: read.text,
      words: read.text,
    }),
  ),
  next: read.orNull(read.number),
});
/** Reads the answer of `GET /api/sign-in`. */
export const waysIn = read.shape<wire.WaysIn>({ provider: read.orNull(read.text) });
/** Reads the answer of `POST /api/sign-in/provider/begin`. */
export const providerAddress = read.shape<{ address: string }>({ address: read.text });
const anything: Reader<unknown> = (value) => value;
/** Reads what a browser is asked to do with a passkey (WebAuthn, its own JSON). */
export const ceremony = read.shape<{ options: Readonly<Record<string, unknown>> }>({
  options: read.record(anything),
});

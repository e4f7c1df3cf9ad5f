import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";

import { publishContacts } from "../../api/contacts";
import type {
  ContactBreach,
  ContactLine,
  ListStanding,
  PartyContacts,
} from "../../api/contact-types";
import { Button } from "../../components/button";
import { Chip, type Tone } from "../../components/chip";
import { Empty, Notice } from "../../components/notice";
import { breachOf, byPresence } from "../../state/contacts/contacts";
import { Problem } from "../problem";
import { BothTimes } from "../record/both-times";
import { useBinding } from "../step-up";
import { useMay } from "../watch/live";
import { ContactItem } from "./contact-item";
import { useContactsAgain } from "./live";
import { CONTACT_BREACH_WORDS, CONTACT_FIELD_WORDS, LIST_STANDING_WORDS } from "./words";

const TONES: Readonly<Record<ListStanding, Tone>> = {
  none: "unknown",
  current: "good",
  due: "fair",
  doubtful: "cut",
};

/** One party's list: how good it is, and whom it names, those who are there now first. */
export function PartyList(props: {
  readonly line: ContactLine;
  readonly side: PartyContacts;
  readonly onEdit: () => void;
}) {
  const { line, side } = props;
  const { _ } = useCatalogue();
  const { t } = useLingui();
  const mayPublish = useMay("contact.publish") && side.is_ours;
  const { party } = line;
  const id = `contacts-${line.party_id}-${side.is_ours ? "ours" : "theirs"}`;
  return (
    <section className="contact-side" aria-labelledby={id} data-testid={id}>
      <h3 id={id}>
        {side.is_ours ? <Trans>Ours, as {party} sees them</Trans> : <Trans>Those of {party}</Trans>}
      </h3>
      <p className="contact-standing">
        <Chip tone={TONES[side.standing]}>{_(LIST_STANDING_WORDS[side.standing])}</Chip>
        {side.confirmed_at !== null && (
          <span className="small">
            <BothTimes at={side.confirmed_at} parties={[line.party_id]} />
          </span>
        )}
      </p>
      {side.is_ours && side.hash !== null && <Received line={line} side={side} />}
      <Breaches breaches={side.breaches} />
      {side.contacts.length === 0 ? (
        <Empty
          icon="people"
          title={side.is_ours ? t`We name nobody yet` : t`They name nobody yet`}
        />
      ) : (
        <ul className="contact-list">
          {byPresence(side.contacts).map((contact) => (
            <ContactItem key={contact.mark} line={line} side={side} contact={contact} />
          ))}
        </ul>
      )}
      {mayPublish && (
        <div className="sheet-acts">
          <Button
            data-testid="contact-edit"
            weight={side.hash === null ? "primary" : "plain"}
            onPress={props.onEdit}
          >
            {side.hash === null ? t`Write our list` : t`Change our list`}
          </Button>
          {side.hash !== null && <Confirm line={line} />}
        </div>
      )}
    </section>
  );
}

/** Entries that say something of contacts and have no effect. */
export function Breaches({ breaches }: { readonly breaches: readonly ContactBreach[] }) {
  const { t } = useLingui();
  if (breaches.length === 0) return null;
  return (
    <Notice tone="poor" icon="warning" title={t`Entries about contacts that have no effect`}>
      <ul className="contact-breaches small">
        {breaches.map(({ entry, what, is_ours }) => (
          <li key={entry}>
            {is_ours ? <Trans>ours</Trans> : <Trans>theirs</Trans>}: <BreachWords what={what} />{" "}
            <code className="hash">{entry.slice(0, 16)}</code>
          </li>
        ))}
      </ul>
    </Notice>
  );
}

function BreachWords({ what }: { readonly what: string }) {
  const { _ } = useCatalogue();
  const { reason, field } = breachOf(what);
  const words = CONTACT_BREACH_WORDS[reason];
  const place = CONTACT_FIELD_WORDS[field];
  return (
    <bdi>
      {words === undefined ? what : _(words)}
      {place !== undefined && ` (${_(place)})`}
    </bdi>
  );
}

function Received({ line, side }: { readonly line: ContactLine; readonly side: PartyContacts }) {
  const { party } = line;
  return (
    <p className="small soft">
      {side.received_at === null ? (
        <Trans>Not known to have arrived at {party}.</Trans>
      ) : (
        <Trans>
          On the disk of {party} since <BothTimes at={side.received_at} parties={[line.party_id]} />
        </Trans>
      )}
    </p>
  );
}

/** Publishes the very same list again: all of it still holds. */
function Confirm({ line }: { readonly line: ContactLine }) {
  const { t } = useLingui();
  const again = useContactsAgain();
  const confirm = useBinding<null>(async () => publishContacts(line.party_id, null), again);
  return (
    <>
      <Button
        weight={line.ours.standing === "current" ? "plain" : "primary"}
        data-testid="contact-confirm"
        isDisabled={confirm.isPending}
        onPress={() => confirm.run(null)}
      >{t`Confirm: all of it still holds`}</Button>
      <Problem error={confirm.error} />
      {confirm.sheet}
    </>
  );
}

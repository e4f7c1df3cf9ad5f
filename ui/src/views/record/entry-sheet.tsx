import { useMutation } from "@tanstack/react-query";
import { useLingui as useCatalogue } from "@lingui/react";
import { Plural, Trans, useLingui } from "@lingui/react/macro";

import { readProof, readTrust } from "../../api/record";
import type { Entry, RecordSpace } from "../../api/record-types";
import { Button } from "../../components/button";
import { Notice } from "../../components/notice";
import { Sheet } from "../../components/sheet";
import { VerificationError } from "../../errors";
import { useFormat } from "../../i18n/format";
import type { ProofTold } from "../../record/contract";
import { wordsOf } from "../../state/record/timeline";
import { useCapacityWords } from "../capacity";
import { Problem } from "../problem";
import { setAsideWords } from "../words";
import { BothTimes } from "./both-times";
import { KindWord } from "./entry-item";
import { ReceiptFacts } from "./receipts";
import { useVerifier } from "./verifier";
import { PRECEDENCE_WORDS } from "./words";

/** Everything about one entry, and its proof. */
export function EntrySheet(props: {
  readonly entry: Entry;
  readonly space: RecordSpace;
  readonly onClose: () => void;
}) {
  const { t } = useLingui();
  const { entry } = props;
  const words = wordsOf(entry);
  const place = entry.index;
  return (
    <Sheet title={t`Entry ${place}`} isOpen onClose={props.onClose}>
      {words !== null && (
        <p className="entry-words" dir="auto">
          {words}
        </p>
      )}
      <Facts entry={entry} space={props.space} />
      {entry.receipts.map((receipt) => (
        <ReceiptFacts key={receipt.party.id} receipt={receipt} />
      ))}
      <Proof entry={entry} space={props.space} />
      <div className="sheet-acts">
        <Button onPress={props.onClose} autoFocus>{t`Close`}</Button>
      </div>
    </Sheet>
  );
}

function Facts({ entry, space }: { readonly entry: Entry; readonly space: RecordSpace }) {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  const precedence = entry.precedence === null ? undefined : PRECEDENCE_WORDS[entry.precedence];
  const parties = space.members.map((party) => party.id);
  const capacity = useCapacityWords();
  const facts: readonly (readonly [string, string | null])[] = [
    [t`Party`, entry.party.name],
    [t`Person`, entry.actor],
    [t`Speaks as`, entry.office === null ? null : capacity(entry.office)],
    [t`Precedence`, precedence === undefined ? null : _(precedence)],
    [t`Thread`, entry.thread],
    [t`Set aside`, entry.set_aside === null ? null : _(setAsideWords(entry.set_aside))],
    [t`Refers to`, entry.refs.length === 0 ? null : entry.refs.join(" ")],
    [t`Hash`, entry.hash],
  ];
  return (
    <dl className="pairs">
      <dt>
        <Trans>Kind</Trans>
      </dt>
      <dd>
        <KindWord entry={entry} />
      </dd>
      <Instant at={entry.written_at} label={t`Written, by the author's clock`} parties={parties} />
      <Instant at={entry.deadline} label={t`Deadline`} parties={parties} />
      {facts.map(([name, value]) =>
        value === null ? null : (
          <div key={name} className="pair">
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
    </dl>
  );
}

function Instant(props: {
  readonly at: string | null;
  readonly label: string;
  readonly parties: readonly string[];
}) {
  if (props.at === null) return null;
  return (
    <>
      <dt>{props.label}</dt>
      <dd>
        <BothTimes at={props.at} parties={props.parties} />
      </dd>
    </>
  );
}

function Proof({ entry, space }: { readonly entry: Entry; readonly space: RecordSpace }) {
  const { t } = useLingui();
  const verifier = useVerifier();
  const check = useMutation({
    mutationFn: async () => {
      const [proof, policy] = await Promise.all([
        readProof(entry.log, entry.index),
        readTrust(space.id),
      ]);
      return { proof, told: await verifier.checkProof(proof, entry.hash, policy) };
    },
  });
  return (
    <section className="proof" aria-live="polite">
      {check.data === undefined && (
        <Button
          icon="up"
          weight="primary"
          data-testid="check-proof"
          isDisabled={check.isPending}
          onPress={() => check.mutate()}
        >
          {check.isPending ? t`Checking` : t`Check the proof in this browser`}
        </Button>
      )}
      {check.error instanceof VerificationError ? (
        <Notice tone="cut" icon="cut" isUrgent title={t`The proof does not hold.`}>
          <p lang="en">{check.error.reason}</p>
        </Notice>
      ) : (
        <Problem error={check.error} />
      )}
      {check.data !== undefined && (
        <>
          <ProofHolds entry={entry} space={space} told={check.data.told} />
          <details>
            <summary>
              <Trans>The proof as text (C2SP tlog-proof)</Trans>
            </summary>
            {/* Longer than the sheet: whoever has no mouse scrolls it with the arrow keys. */}
            {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
            <pre className="proof-text" tabIndex={0} dir="ltr">
              {check.data.proof}
            </pre>
          </details>
        </>
      )}
    </section>
  );
}

function ProofHolds(props: {
  readonly entry: Entry;
  readonly space: RecordSpace;
  readonly told: ProofTold;
}) {
  const { t } = useLingui();
  const format = useFormat();
  const { entry, told } = props;
  const size = format.number(told.size);
  const place = format.number(told.index);
  const party = entry.party.name;
  const nameOf = (id: string) => props.space.members.find((member) => member.id === id)?.name ?? id;
  const isShown = told.entry !== null && told.entry.words === wordsOf(entry);
  return (
    <Notice
      tone="good"
      icon="up"
      title={t`Proved: this entry is number ${place} in the log of ${party}.`}
    >
      <ul className="checked">
        <li>
          <Plural
            value={told.hashes}
            one="# hash leads from it to the root of the log"
            other="# hashes lead from it to the root of the log"
          />{" "}
          <Trans>of {size} entries.</Trans>
        </li>
        <li>
          <Trans>Signatures on that root hold:</Trans>{" "}
          {[...new Set(told.signed_by.map(({ party: id }) => nameOf(id)))].join(" · ")}
        </li>
        {told.entry === null ? (
          <li>
            <Trans>Not checked: that the words shown here are those of the entry.</Trans>
          </li>
        ) : (
          <li>
            {isShown ? (
              <Trans>The words shown here are those that are proved.</Trans>
            ) : (
              <Trans>The words shown here are NOT those that are proved.</Trans>
            )}
          </li>
        )}
      </ul>
    </Notice>
  );
}

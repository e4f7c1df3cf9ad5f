import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";

import type { Entry, Receipt } from "../../api/record-types";
import { Chip } from "../../components/chip";
import { Tip } from "../../components/tip";
import { useFormat } from "../../i18n/format";
import { useDesk } from "../desk/context";
import { RECEIPT_TONE } from "../../state/record/timeline";
import { BothTimes } from "./both-times";
import { RECEIPTS } from "./words";

/** How far an entry has come with each other party: one of five words, and what it means. */
export function Receipts(props: { readonly entry: Entry; readonly isSkipped?: boolean }) {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  const format = useFormat();
  const { self } = useDesk();
  const { receipts } = props.entry;
  if (receipts.length === 0) return null;
  return (
    <ul className="receipts" aria-label={t`Receipts`}>
      {receipts.map((receipt) => {
        const { word, meaning, icon } = RECEIPTS[receipt.word];
        return (
          <li key={receipt.party.id}>
            <Tip meaning={_(meaning)} isSkipped={props.isSkipped ?? false}>
              <Chip tone={RECEIPT_TONE[receipt.word]} icon={icon}>
                {_(word)}
              </Chip>
              <span className="soft">
                {receipt.party.name}
                {receipt.held_at !== null && (
                  <span className="figures">
                    {" "}
                    · {format.time(receipt.held_at, self?.party.time_zone ?? "UTC")}
                  </span>
                )}
              </span>
            </Tip>
          </li>
        );
      })}
    </ul>
  );
}

/** Everything that is proved of an entry with one other party, by that party's clock. */
export function ReceiptFacts({ receipt }: { readonly receipt: Receipt }) {
  const { _ } = useCatalogue();
  const parties = [receipt.party.id];
  const { word, meaning, icon } = RECEIPTS[receipt.word];
  return (
    <div className="receipt-facts">
      <p>
        <Chip tone={RECEIPT_TONE[receipt.word]} icon={icon}>
          {_(word)}
        </Chip>{" "}
        <strong>{receipt.party.name}</strong>
      </p>
      <p className="small soft">{_(meaning)}</p>
      <dl className="pairs">
        <Step at={receipt.held_at} parties={parties}>
          {_(RECEIPTS.held.word)}
        </Step>
        <Step at={receipt.delivered_at} parties={parties}>
          {_(RECEIPTS.delivered.word)}
        </Step>
        <Step at={receipt.acknowledged_at} parties={parties}>
          {_(RECEIPTS.acknowledged.word)}
        </Step>
        {receipt.acknowledged_by !== null && (
          <>
            <dt>
              <Trans>by the person</Trans>
            </dt>
            <dd>
              <code>{receipt.acknowledged_by}</code>
            </dd>
          </>
        )}
      </dl>
    </div>
  );
}

function Step(props: {
  readonly at: string | null;
  readonly parties: readonly string[];
  readonly children: string;
}) {
  if (props.at === null) return null;
  return (
    <>
      <dt>{props.children}</dt>
      <dd>
        <BothTimes at={props.at} parties={props.parties} />
      </dd>
    </>
  );
}

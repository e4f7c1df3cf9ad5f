import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Input, Label, TextField } from "react-aria-components";

import { checkReadout, readOut } from "../../api/crises";
import type { Assessment, Crisis, Quote } from "../../api/crisis-types";
import { Button } from "../../components/button";
import { Chip } from "../../components/chip";
import { useDesk } from "../desk/context";
import { Problem } from "../problem";
import { BothTimes } from "../record/both-times";
import { useBinding } from "../step-up";
import { usePartyName, useTexts, Words, Writing } from "./parts";

/** What each side says in public, under its own date. */
export function ReadoutsCard(props: { readonly crisis: Crisis; readonly assessment: Assessment }) {
  const { crisis, assessment } = props;
  const { self } = useDesk();
  const nameOf = usePartyName(crisis.parties);
  return (
    <section className="card crisis-heap" aria-labelledby="readouts">
      <h2 id="readouts" className="desk-title">
        <Trans>Readouts</Trans>
      </h2>
      <ul className="crisis-list">
        {assessment.readouts.map((each) => (
          <li key={each.hash} className="crisis-item" data-testid="readout">
            <strong>
              <bdi>{nameOf(each.party)}</bdi>
            </strong>
            <Words texts={each.texts} />
            <p className="small">
              <Trans>Public from</Trans>{" "}
              <BothTimes at={each.public_from} parties={crisis.parties.map(({ id }) => id)} />
            </p>
          </li>
        ))}
      </ul>
      {self?.may.includes("assessment.read_out") === true && <Editor crisis={crisis} />}
    </section>
  );
}

function Editor({ crisis }: { readonly crisis: Crisis }) {
  const { t } = useLingui();
  const texts = useTexts();
  const queries = useQueryClient();
  const [words, setWords] = useState("");
  const [from, setFrom] = useState(() => new Date().toISOString().slice(0, 16));
  const check = useMutation<readonly Quote[], Error, string>({
    mutationFn: async (text) => checkReadout(crisis.hash, texts(text)),
  });
  const sign = useBinding<null>(
    async () => readOut(crisis.hash, texts(words), `${from}:00Z`),
    () => {
      setWords("");
      check.reset();
      void queries.invalidateQueries({ queryKey: ["assessment", crisis.hash] });
    },
  );
  const isChecked = check.isSuccess && check.variables === words;
  return (
    <div className="crisis-heap">
      <Writing label={t`Our readout`} value={words} onChange={setWords} testId="readout-words" />
      <TextField className="field" value={from} onChange={setFrom} type="datetime-local">
        <Label className="field-label">
          <Trans>Public from, UTC</Trans>
        </Label>
        <Input />
      </TextField>
      <div className="crisis-acts">
        <Button
          data-testid="check-readout"
          isDisabled={check.isPending || words.trim() === ""}
          onPress={() => check.mutate(words)}
        >
          {t`Check what is quoted`}
        </Button>
        <Button
          weight="primary"
          data-testid="sign-readout"
          isDisabled={!isChecked || sign.isPending}
          onPress={() => sign.run(null)}
        >
          {t`Sign the readout with the passkey`}
        </Button>
      </div>
      {isChecked && <Quotes crisis={crisis} quotes={check.data} />}
      <Problem error={check.error ?? sign.error} />
      {sign.sheet}
    </div>
  );
}

function Quotes(props: { readonly crisis: Crisis; readonly quotes: readonly Quote[] }) {
  const { t } = useLingui();
  const nameOf = usePartyName(props.crisis.parties);
  if (props.quotes.length === 0) {
    return (
      <p data-testid="no-quotes">
        <Trans>Nothing in it stands word for word in the record.</Trans>
      </p>
    );
  }
  return (
    <ul className="crisis-list" aria-label={t`What is quoted`}>
      {props.quotes.map((each) => (
        <li key={`${each.hash}${each.place}`} className="crisis-item" data-testid="quote">
          <Chip tone={each.may_be_quoted ? "good" : "poor"}>
            {each.may_be_quoted ? t`May be quoted` : t`Not marked as quotable`}
          </Chip>
          <q dir="auto">{each.words}</q>
          <span className="small">
            <bdi>{nameOf(each.party)}</bdi>
          </span>
        </li>
      ))}
    </ul>
  );
}

import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Input, Label, TextField } from "react-aria-components";

import { checkReadout, readOut, readReadoutText } from "../../api/crises";
import type { Assessment, Crisis, Quote, Readout, ReadoutState } from "../../api/crisis-types";
import { Button } from "../../components/button";
import { Chip, type Tone } from "../../components/chip";
import { keepFile } from "../../components/keep-file";
import { languageName } from "../../i18n/languages";
import { useDesk } from "../desk/context";
import { Problem } from "../problem";
import { BothTimes } from "../record/both-times";
import { useBinding } from "../step-up";
import { usePartyName, useTexts, Words, Writing } from "./parts";

const SPARE_MS = 15 * 60_000;
const READOUT_WORDS: Readonly<Record<ReadoutState, MessageDescriptor>> = {
  announced: msg`Signed; not known to have arrived`,
  waiting: msg`Waits; not public`,
  public: msg`Public`,
};
const READOUT_TONES: Readonly<Record<ReadoutState, Tone>> = {
  announced: "unknown",
  waiting: "noted",
  public: "good",
};

/** What each side says in public, under its own date. */
export function ReadoutsCard(props: { readonly crisis: Crisis; readonly assessment: Assessment }) {
  const { crisis, assessment } = props;
  const { self } = useDesk();
  const nameOf = usePartyName(crisis.parties);
  const mayReadOut = self?.may.includes("assessment.read_out") === true;
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
            <ReadoutMarks readout={each} />
            <Words texts={each.texts} />
            <p className="small">
              <Trans>Public from</Trans>{" "}
              <BothTimes at={each.public_from} parties={crisis.parties.map(({ id }) => id)} />
            </p>
            <Waiting crisis={crisis} readout={each} hours={assessment.readout_hours} />
            {each.party === self?.party.id && mayReadOut && (
              <GiveOut crisis={crisis} readout={each} />
            )}
          </li>
        ))}
      </ul>
      {mayReadOut && <Editor crisis={crisis} hours={assessment.readout_hours} />}
    </section>
  );
}

/** Whether the public may read it, and whether its date is earlier than was agreed. */
function ReadoutMarks({ readout }: { readonly readout: Readout }) {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  return (
    <span className="paper-marks">
      <Chip tone={READOUT_TONES[readout.state]}>{_(READOUT_WORDS[readout.state])}</Chip>
      {readout.is_short && <Chip tone="poor">{t`Dated earlier than the agreement gives`}</Chip>}
    </span>
  );
}

/** Why it waits: what both sides have agreed on, and what is proved of it. */
function Waiting(props: {
  readonly crisis: Crisis;
  readonly readout: Readout;
  readonly hours: number;
}) {
  const { hours, readout } = props;
  const parties = props.crisis.parties.map(({ id }) => id);
  if (hours === 0 || readout.state === "public") return null;
  if (readout.held_at === null || readout.free_at === null) {
    return (
      <p className="small soft">
        <Trans>
          The other party has {hours} hours to read it first. They begin when its node has it, which
          nothing proves yet.
        </Trans>
      </p>
    );
  }
  return (
    <p className="small soft">
      <Trans>On the other party's node since</Trans>{" "}
      <BothTimes at={readout.held_at} parties={parties} /> <Trans>It may be given out from</Trans>{" "}
      <BothTimes at={readout.free_at} parties={parties} />
    </p>
  );
}

/** Our text as a file, for whoever gives it to the public; the node refuses until it may be. */
function GiveOut(props: { readonly crisis: Crisis; readonly readout: Readout }) {
  const { t } = useLingui();
  const { crisis, readout } = props;
  const give = useMutation({
    mutationFn: async (language: string) => {
      keepFile(
        await readReadoutText(crisis.hash, readout.hash, language),
        `readout-${crisis.number}-${language}.txt`,
      );
    },
  });
  return (
    <div className="crisis-acts">
      {readout.texts.map(({ language }) => (
        <Button
          key={language}
          data-testid={`give-out-${language}`}
          isDisabled={readout.state !== "public" || give.isPending}
          onPress={() => give.mutate(language)}
        >
          {t`Text for the public: ${languageName(language)}`}
        </Button>
      ))}
      <Problem error={give.error} />
    </div>
  );
}

function Editor({ crisis, hours }: { readonly crisis: Crisis; readonly hours: number }) {
  const { t } = useLingui();
  const texts = useTexts();
  const queries = useQueryClient();
  const [words, setWords] = useState("");
  // A quarter of an hour beyond the agreed time: signing takes some, and the node counts from then.
  const [from, setFrom] = useState(() => inputInstant(hours * 3_600_000 + SPARE_MS));
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
      {hours > 0 && (
        <p className="small soft">
          <Trans>
            The agreement gives the other party {hours} hours to read it before it is public.
          </Trans>
        </p>
      )}
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

/** An instant from now, as a field of dates and hours takes it, in UTC. */
function inputInstant(ahead_ms: number): string {
  return new Date(Date.now() + ahead_ms).toISOString().slice(0, 16);
}

import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Form, Label, TextArea, TextField } from "react-aria-components";

import { noteTrial } from "../../api/contacts";
import {
  type Contact,
  type ContactLine,
  TRIAL_OUTCOMES,
  type TrialOutcome,
} from "../../api/contact-types";
import { Button } from "../../components/button";
import { Choice } from "../../components/choice";
import { Sheet } from "../../components/sheet";
import { WORDS_MAX } from "../../state/contacts/contacts";
import { Problem } from "../problem";
import { useBinding } from "../step-up";
import { useContactsAgain } from "./live";
import { OUTCOME_WORDS } from "./words";

/** Asks what came of using a contact just now; both sides are shown the answer. */
export function TrialSheet(props: {
  readonly line: ContactLine;
  readonly contact: Contact;
  readonly isOurs: boolean;
  readonly onClose: () => void;
}) {
  const { line, contact, onClose } = props;
  const { t } = useLingui();
  const { _ } = useCatalogue();
  const again = useContactsAgain();
  const [outcome, setOutcome] = useState<TrialOutcome>("reached");
  const [words, setWords] = useState("");
  const { party } = line;
  const tell = useBinding<null>(
    async () =>
      noteTrial(line.party_id, {
        mark: contact.mark,
        outcome,
        words: words.trim() === "" ? null : words.trim(),
      }),
    () => {
      again();
      onClose();
    },
  );
  return (
    <Sheet title={t`What came of it?`} isOpen onClose={onClose}>
      <Form
        className="contact-form"
        onSubmit={(event) => {
          event.preventDefault();
          tell.run(null);
        }}
      >
        <p>
          <bdi>{contact.title[0]?.text}</bdi>
        </p>
        <p className="soft small">
          {props.isOurs ? (
            <Trans>
              {party} is shown it too: a contact of ours that fails is doubtful to both.
            </Trans>
          ) : (
            <Trans>{party} is shown it too, so that they can mend it.</Trans>
          )}
        </p>
        <Choice
          label={t`Outcome`}
          value={outcome}
          options={TRIAL_OUTCOMES.map((id) => ({ id, label: _(OUTCOME_WORDS[id]) }))}
          onChange={(id) => setOutcome(TRIAL_OUTCOMES.find((each) => each === id) ?? outcome)}
        />
        <TextField className="field" value={words} onChange={setWords} maxLength={WORDS_MAX}>
          <Label className="field-label">
            <Trans>Words, if you add any</Trans>
          </Label>
          <TextArea dir="auto" rows={3} />
        </TextField>
        <Problem error={tell.error} />
        <div className="sheet-acts">
          <Button onPress={onClose}>{t`Not now`}</Button>
          <Button
            type="submit"
            weight="primary"
            data-testid="trial-say"
            isDisabled={tell.isPending}
          >{t`Say it`}</Button>
        </div>
      </Form>
      {tell.sheet}
    </Sheet>
  );
}

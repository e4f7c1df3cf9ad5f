import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Label, TextArea, TextField } from "react-aria-components";

import { close, withdraw } from "../../api/alerts";
import type { Alert } from "../../api/alert-types";
import { Question } from "../../components/question";
import { useBinding } from "../step-up";
import { AlertProblem } from "./alert-problem";

interface Props {
  readonly alert: Alert;
  readonly onClose: () => void;
}

/** Says that nothing more is to be done. */
export function CloseSheet({ alert, onClose }: Props) {
  const { t } = useLingui();
  const [words, setWords] = useState("");
  const act = useBinding<string | null>(async (why) => close(alert.hash, why), onClose);
  const { party } = alert;
  return (
    <>
      <Question
        title={t`Close the alert?`}
        no={t`Leave it open`}
        yes={t`Close it`}
        isPending={act.isPending}
        onNo={onClose}
        onYes={() => act.run(words.trim() === "" ? null : words.trim())}
      >
        <p>
          {alert.written === "flash" ? (
            <Trans>A flash is closed once both parties have closed it. {party} is told.</Trans>
          ) : (
            <Trans>Nothing more is then waited for. {party} is told.</Trans>
          )}
        </p>
        <Why words={words} onChange={setWords} />
        <AlertProblem error={act.error} />
      </Question>
      {act.sheet}
    </>
  );
}

/** Takes an alert of ours back; both the alert and its withdrawal remain. */
export function WithdrawSheet({ alert, onClose }: Props) {
  const { t } = useLingui();
  const [words, setWords] = useState("");
  const act = useBinding<string | null>(async (why) => withdraw(alert.hash, why), onClose);
  const { party } = alert;
  return (
    <>
      <Question
        title={t`Withdraw the alert?`}
        no={t`Leave it in force`}
        yes={t`Withdraw it with the passkey`}
        isDangerous
        isPending={act.isPending}
        onNo={onClose}
        onYes={() => act.run(words.trim() === "" ? null : words.trim())}
      >
        <p>
          <Trans>
            This cannot be undone. {party} sees both: the alert, and that it was taken back. It may
            be read there before that is known.
          </Trans>
        </p>
        <Why words={words} onChange={setWords} />
        <AlertProblem error={act.error} />
      </Question>
      {act.sheet}
    </>
  );
}

function Why(props: { readonly words: string; readonly onChange: (words: string) => void }) {
  return (
    <TextField className="field" value={props.words} onChange={props.onChange}>
      <Label className="field-label">
        <Trans>Why, if you want to say it</Trans>
      </Label>
      <TextArea dir="auto" />
    </TextField>
  );
}

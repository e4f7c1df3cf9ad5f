import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";

import { judge, paraphrase } from "../../api/alerts";
import type { Alert, AlertText } from "../../api/alert-types";
import { Button } from "../../components/button";
import { Choice } from "../../components/choice";
import { ExerciseMark } from "../../components/exercise-mark";
import { Sheet } from "../../components/sheet";
import { LANGUAGES } from "../../i18n/languages";
import { textFor } from "../../state/watch/alerts";
import { findings, limitsOf } from "../../state/watch/text";
import { useDesk } from "../desk/context";
import { useBinding } from "../step-up";
import { AlertProblem } from "./alert-problem";
import { Words } from "./marks";
import { useParaphraseWord } from "./paraphrases";
import { TextArea } from "./text-area";

interface Props {
  readonly alert: Alert;
  readonly onClose: () => void;
}
const LIMITS = limitsOf("routine");

/** A reader says in their own words how an alert was understood, with a passkey. */
export function ParaphraseSheet({ alert, onClose }: Props) {
  const { t } = useLingui();
  const { self } = useDesk();
  const given = useText(self?.person.language ?? "en");
  const act = useBinding<AlertText>(
    async ({ language, text }) => paraphrase(alert.hash, language, text),
    onClose,
  );
  const { party } = alert;
  const read = textFor(alert, given.said.language);
  return (
    <>
      <Sheet title={t`Say how we understood it`} isOpen onClose={onClose}>
        {alert.is_exercise && <ExerciseMark />}
        {read !== undefined && <Words text={read} />}
        <OwnWords given={given} label={t`In our own words`} />
        <p className="soft small">
          <Trans>
            {party} confirms it, or says what was meant. It is no answer, and admits nothing.
          </Trans>
        </p>
        <AlertProblem error={act.error} />
        <div className="sheet-acts">
          <Button onPress={onClose}>{t`Not now`}</Button>
          <Button
            weight="primary"
            data-testid="sign-paraphrase"
            isDisabled={act.isPending || given.isEmpty || given.isFaulty}
            onPress={() => act.run(given.said)}
          >
            {t`Sign it with the passkey`}
          </Button>
        </div>
      </Sheet>
      {act.sheet}
    </>
  );
}

/** The author's releaser confirms how an alert was understood, or says what was meant. */
export function JudgeSheet({ alert, onClose }: Props) {
  const { t } = useLingui();
  const word = useParaphraseWord();
  const given = useText(alert.texts[0]?.language ?? "en");
  // The one that was read here: a newer one is not judged unread.
  const [read] = useState(alert.paraphrases.at(-1));
  const act = useBinding<AlertText | null>(
    async (correction) => judge(alert.hash, read?.hash ?? "", correction),
    onClose,
  );
  return (
    <>
      <Sheet title={t`Our word on how it was understood`} isOpen onClose={onClose}>
        {alert.is_exercise && <ExerciseMark />}
        <h3 className="small soft">{word("understood")}</h3>
        {read !== undefined && <Words text={read} />}
        <OwnWords given={given} label={t`What was meant, if it is not this`} />
        <AlertProblem error={act.error} />
        <div className="sheet-acts">
          <Button onPress={onClose}>{t`Not now`}</Button>
          {given.isEmpty ? (
            <Button
              weight="primary"
              data-testid="sign-confirmation"
              isDisabled={act.isPending}
              onPress={() => act.run(null)}
            >
              {t`It was meant so`}
            </Button>
          ) : (
            <Button
              weight="primary"
              data-testid="sign-correction"
              isDisabled={act.isPending || given.isFaulty}
              onPress={() => act.run(given.said)}
            >
              {t`Sign the correction`}
            </Button>
          )}
        </div>
      </Sheet>
      {act.sheet}
    </>
  );
}

/** Words that are being written, in a language. */
function useText(first: string) {
  const [language, setLanguage] = useState(first);
  const [text, setText] = useState("");
  return {
    said: { language, text },
    isEmpty: text.trim() === "",
    isFaulty: findings(text, LIMITS).length > 0,
    setLanguage,
    setText,
  };
}

function OwnWords(props: { readonly given: ReturnType<typeof useText>; readonly label: string }) {
  const { given, label } = props;
  const { t } = useLingui();
  return (
    <>
      <Choice
        label={t`Language as it is written`}
        value={given.said.language}
        options={LANGUAGES.map(({ id, name, tag }) => ({ id, label: name, lang: tag }))}
        onChange={given.setLanguage}
      />
      <TextArea
        label={label}
        language={given.said.language}
        value={given.said.text}
        limits={LIMITS}
        onChange={given.setText}
      />
    </>
  );
}

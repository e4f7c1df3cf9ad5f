import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";

import { acknowledge } from "../../api/alerts";
import type { Alert } from "../../api/alert-types";
import { Choice } from "../../components/choice";
import { Button } from "../../components/button";
import { ExerciseMark } from "../../components/exercise-mark";
import { Notice } from "../../components/notice";
import { Sheet } from "../../components/sheet";
import { useFormat } from "../../i18n/format";
import { languageName } from "../../i18n/languages";
import { textFor } from "../../state/watch/alerts";
import { sentences } from "../../state/watch/sentence";
import { useDesk } from "../desk/context";
import { useBinding } from "../step-up";
import { AlertProblem } from "./alert-problem";
import { Words } from "./marks";

/** A person says that an alert was read: with the sentence that this is no consent, and a passkey. */
export function AcknowledgeSheet(props: { readonly alert: Alert; readonly onClose: () => void }) {
  const { alert, onClose } = props;
  const { t } = useLingui();
  const format = useFormat();
  const { self, lines } = useDesk();
  const readable = [...alert.texts, ...alert.translations.filter((each) => each.text !== null)];
  const first = textFor(alert, self?.person.language ?? "en")?.language ?? "en";
  const [language, setLanguage] = useState(first);
  const act = useBinding<string>(async (chosen) => acknowledge(alert.hash, chosen), onClose);
  const text = readable.find((each) => each.language === language);
  const theirs = lines?.find(({ party }) => party.id === alert.party_id)?.party.languages[0];
  const fixed = sentences([
    self?.party.languages[0] ?? "en",
    theirs ?? alert.texts[0]?.language ?? "en",
  ]);
  const [other] = alert.acknowledgements;
  const zone = self?.party.time_zone ?? "UTC";
  const at = other === undefined ? "" : format.time(other.at, zone);
  return (
    <>
      <Sheet title={t`Acknowledge`} isOpen onClose={onClose} isQuestion>
        {alert.is_exercise && <ExerciseMark />}
        {other !== undefined && (
          <Notice
            tone="fair"
            icon="people"
            isUrgent
            title={t`Another of us acknowledged it at ${at}. It no longer rings.`}
          />
        )}
        {readable.length > 1 && (
          <Choice
            label={t`Read in`}
            value={language}
            options={[...new Set(readable.map((each) => each.language))].map((id) => ({
              id,
              label: languageName(id),
            }))}
            onChange={setLanguage}
          />
        )}
        {text?.text != null && <Words text={{ language, text: text.text }} />}
        <p>
          <Trans>You sign, with your passkey, this sentence and no other:</Trans>
        </p>
        {fixed.map((each) => (
          <blockquote
            key={each.language}
            lang={each.language}
            dir="auto"
            className="fixed-sentence"
          >
            {each.text}
          </blockquote>
        ))}
        <AlertProblem error={act.error} />
        <div className="sheet-acts">
          <Button onPress={onClose}>{t`Not now`}</Button>
          <Button
            weight="primary"
            icon="up"
            autoFocus
            data-testid="sign-acknowledgement"
            isDisabled={act.isPending}
            onPress={() => act.run(language)}
          >
            {t`I have read it`}
          </Button>
        </div>
      </Sheet>
      {act.sheet}
    </>
  );
}

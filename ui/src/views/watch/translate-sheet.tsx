import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";

import { translate } from "../../api/alerts";
import type { Alert } from "../../api/alert-types";
import { Button } from "../../components/button";
import { Choice } from "../../components/choice";
import { Sheet } from "../../components/sheet";
import { LANGUAGES } from "../../i18n/languages";
import { findings, limitsOf } from "../../state/watch/text";
import { useDesk } from "../desk/context";
import { useBinding } from "../step-up";
import { AlertProblem } from "./alert-problem";
import { TextArea } from "./text-area";
import { Words } from "./marks";

/** The alert beside its translation; whoever translates says that it was understood. */
export function TranslateSheet(props: { readonly alert: Alert; readonly onClose: () => void }) {
  const { alert, onClose } = props;
  const { t } = useLingui();
  const { self } = useDesk();
  const [language, setLanguage] = useState(self?.person.language ?? "en");
  const [text, setText] = useState("");
  const act = useBinding<string | null>(
    async (words) => translate(alert.hash, language, words),
    onClose,
  );
  const limits = limitsOf("routine");
  const isEmpty = text.trim() === "";
  const isFaulty = !isEmpty && findings(text, limits).length > 0;
  const [first] = alert.texts;
  return (
    <>
      <Sheet title={t`Understood as translated`} isOpen onClose={onClose}>
        {first !== undefined && <Words text={first} />}
        <Choice
          label={t`Language of the translation`}
          value={language}
          options={LANGUAGES.map(({ id, name, tag }) => ({ id, label: name, lang: tag }))}
          onChange={setLanguage}
        />
        <TextArea
          label={t`Translation`}
          language={language}
          value={text}
          limits={limits}
          onChange={setText}
          isOptional
        />
        <p className="soft small">
          <Trans>
            You say as a translator that it was understood. Without words: that it was understood as
            it was written.
          </Trans>
        </p>
        <AlertProblem error={act.error} />
        <div className="sheet-acts">
          <Button onPress={onClose}>{t`Not now`}</Button>
          <Button
            weight="primary"
            data-testid="give-translation"
            isDisabled={act.isPending || isFaulty}
            onPress={() => act.run(isEmpty ? null : text)}
          >
            {t`Understood as translated`}
          </Button>
        </div>
      </Sheet>
      {act.sheet}
    </>
  );
}

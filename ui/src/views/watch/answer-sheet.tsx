import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";

import { giveAnswer, hold } from "../../api/alerts";
import {
  type Alert,
  ALERT_LEVELS,
  ANSWER_KINDS,
  type AnswerKind,
  type AnswerWords,
} from "../../api/alert-types";
import { Button } from "../../components/button";
import { Choice } from "../../components/choice";
import { Sheet } from "../../components/sheet";
import { useFormat } from "../../i18n/format";
import { limitsOf } from "../../state/watch/text";
import { useDesk } from "../desk/context";
import { useBinding } from "../step-up";
import { AlertProblem } from "./alert-problem";
import { useNodeNow } from "./live";
import { TextArea } from "./text-area";
import { ALERT_LEVEL_WORDS, ANSWER_WORDS } from "./words";

/** What a duty officer may answer without a releaser. */
const WATCH_ANSWERS: ReadonlySet<AnswerKind> = new Set(["hold", "not_our_matter"]);
/** What is said beside an answer of a kind. */
const TIMED: ReadonlySet<AnswerKind> = new Set(["hold", "other_time"]);
const QUARTER_MS = 900_000;

/** An answer: chosen, worded, then signed. */
export function AnswerSheet(props: {
  readonly alert: Alert;
  readonly mayAnswer: boolean;
  readonly onClose: () => void;
}) {
  const { alert, onClose } = props;
  const { t } = useLingui();
  const { _ } = useCatalogue();
  const now = useNodeNow();
  const kinds = ANSWER_KINDS.filter(
    (kind) =>
      (props.mayAnswer || WATCH_ANSWERS.has(kind)) && (kind !== "hold" || alert.holds_left > 0),
  );
  const [kind, setKind] = useState<AnswerKind>(kinds[0] ?? "reply");
  const [words, setWords] = useState("");
  const [at, setAt] = useState(() => localMinutes(now + 2 * QUARTER_MS));
  const [level, setLevel] = useState<string>("director");
  const isWatchs = WATCH_ANSWERS.has(kind);
  const act = useBinding<AnswerWords>(
    async (said) => (isWatchs ? hold(alert.hash, said) : giveAnswer(alert.hash, said)),
    onClose,
  );
  const instant = new Date(at);
  const isTimed = TIMED.has(kind);
  const isMissing =
    (kind === "reply" && words.trim() === "") ||
    (isTimed && (Number.isNaN(instant.valueOf()) || (kind === "hold" && instant.valueOf() <= now)));
  return (
    <>
      <Sheet title={t`Answer`} isOpen onClose={onClose} isQuestion>
        <Choice
          label={t`What is answered`}
          value={kind}
          options={kinds.map((id) => ({ id, label: _(ANSWER_WORDS[id]) }))}
          onChange={(id) => setKind(kinds.find((each) => each === id) ?? kind)}
        />
        {alert.holds_left < 2 && (
          <p className="soft small">
            <Trans>"Still deciding" may be said twice.</Trans>
          </p>
        )}
        {isTimed && <When at={at} onChange={setAt} />}
        {kind === "other_level" && (
          <Choice
            label={t`Level`}
            value={level}
            options={ALERT_LEVELS.map((id) => ({ id, label: _(ALERT_LEVEL_WORDS[id]) }))}
            onChange={setLevel}
          />
        )}
        <TextArea
          label={kind === "reply" ? t`Words` : t`Words, if you want to say any`}
          value={words}
          limits={limitsOf("routine")}
          onChange={setWords}
          isOptional
        />
        <p className="soft small">
          {isWatchs ? (
            <Trans>You answer as the duty officer. It cannot be taken back.</Trans>
          ) : (
            <Trans>You answer for your party, with your passkey. It cannot be taken back.</Trans>
          )}
        </p>
        <AlertProblem error={act.error} />
        <div className="sheet-acts">
          <Button onPress={onClose}>{t`Not now`}</Button>
          <Button
            weight="primary"
            data-testid="give-answer"
            isDisabled={act.isPending || isMissing}
            onPress={() =>
              act.run({
                kind,
                words: words.trim() === "" ? null : words,
                at: isTimed ? instant.toISOString() : null,
                level: kind === "other_level" ? level : null,
              })
            }
          >
            {isWatchs ? t`Send the answer` : t`Send it with the passkey`}
          </Button>
        </div>
      </Sheet>
      {act.sheet}
    </>
  );
}

/** A time in the browser's own zone, told in both parties'. */
function When(props: { readonly at: string; readonly onChange: (at: string) => void }) {
  const format = useFormat();
  const { self } = useDesk();
  const instant = Date.parse(props.at);
  const shown = Number.isNaN(instant)
    ? ""
    : format.instant(instant, self?.party.time_zone ?? "UTC");
  return (
    <label className="field">
      <span className="field-label">
        <Trans>When</Trans>
      </span>
      <input
        type="datetime-local"
        className="field-input"
        data-testid="answer-at"
        value={props.at}
        onChange={(event) => props.onChange(event.target.value)}
      />
      <span className="small soft">{shown}</span>
    </label>
  );
}

/** As a field for local date and time wants it. */
function localMinutes(at_ms: number): string {
  const at = new Date(at_ms - new Date(at_ms).getTimezoneOffset() * 60_000);
  return at.toISOString().slice(0, 16);
}

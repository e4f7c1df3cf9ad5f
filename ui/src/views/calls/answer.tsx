import { useQueryClient } from "@tanstack/react-query";
import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Form, Input, Label, TextArea, TextField } from "react-aria-components";

import { answerCall } from "../../api/papers";
import type { CallAnswer, CallRequest } from "../../api/paper-types";
import { Button } from "../../components/button";
import { Choice } from "../../components/choice";
import { Problem } from "../problem";
import { useBinding } from "../step-up";
import { InstantField } from "./instant-field";
import { CALL_ANSWER_WORDS } from "./words";

/** Our answer to a request, or to the last offer about it. */
export function Answer({ call }: { readonly call: CallRequest }) {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  const queries = useQueryClient();
  const [kind, setKind] = useState("accept");
  const [at, setAt] = useState(call.earliest.at);
  const [until, setUntil] = useState(call.latest.at);
  const [words, setWords] = useState("");
  const give = useBinding(
    async (answer: CallAnswer) => answerCall(call.hash, answer),
    () => void queries.invalidateQueries({ queryKey: ["call", call.hash] }),
  );
  const parties = Object.keys(call.asked.by_party);
  const said = words.trim();
  const answer: CallAnswer = {
    answer: kind,
    ...(kind === "accept" ? { earliest: at } : {}),
    ...(kind === "other_time" ? { earliest: at, latest: until } : {}),
    ...(kind === "deciding" ? { until } : {}),
    ...(kind === "other_level" ? { level: said } : {}),
    ...(kind !== "other_level" && said !== "" ? { reason: said } : {}),
  };
  const isWhole = kind !== "other_level" || said !== "";
  return (
    <Form
      className="card paper-acts"
      aria-label={t`Our answer`}
      onSubmit={(event) => {
        event.preventDefault();
        give.run(answer);
      }}
    >
      <Choice
        label={t`Our answer`}
        value={kind}
        options={Object.entries(CALL_ANSWER_WORDS)
          .filter(([id]) => id !== "deciding" || call.holds_left > 0)
          .map(([id, each]) => ({ id, label: _(each) }))}
        onChange={setKind}
      />
      {(kind === "accept" || kind === "other_time") && (
        <InstantField
          label={kind === "accept" ? t`Begins at` : t`Not before`}
          value={at}
          parties={parties}
          testId="answer-at"
          onChange={setAt}
        />
      )}
      {(kind === "other_time" || kind === "deciding") && (
        <InstantField
          label={kind === "deciding" ? t`Decided by` : t`Not after`}
          value={until}
          parties={parties}
          testId="answer-until"
          onChange={setUntil}
        />
      )}
      {kind === "other_level" ? (
        <TextField className="field" value={words} onChange={setWords} maxLength={200}>
          <Label className="field-label">
            <Trans>Level</Trans>
          </Label>
          <Input className="field-input" dir="auto" data-testid="answer-words" />
        </TextField>
      ) : (
        <TextField className="field" value={words} onChange={setWords} maxLength={2_000}>
          <Label className="field-label">
            <Trans>Reason, if one is given</Trans>
          </Label>
          <TextArea dir="auto" rows={2} data-testid="answer-words" />
        </TextField>
      )}
      <Problem error={give.error} />
      <Button
        type="submit"
        weight="primary"
        data-testid="answer"
        isDisabled={!isWhole || give.isPending}
      >
        {t`Answer with the passkey`}
      </Button>
      {give.sheet}
    </Form>
  );
}

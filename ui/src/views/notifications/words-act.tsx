import { useQueryClient } from "@tanstack/react-query";
import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Form, Label, TextArea, TextField } from "react-aria-components";

import { Button } from "../../components/button";
import { Problem } from "../problem";
import { useBinding } from "../step-up";

const CHARACTERS_MAX = 2_000;

/** Something that is done with words: a question, an answer, a reason. */
export function WordsAct(props: {
  readonly label: string;
  /** What the button does. */
  readonly does: string;
  readonly testId: string;
  readonly act: (words: string) => Promise<unknown>;
  /** What of the page is asked again afterwards. */
  readonly changes: readonly string[];
  /** Shown as a button first. */
  readonly isFolded?: boolean;
  readonly mayBeEmpty?: boolean;
}) {
  const { t } = useLingui();
  const [isOpen, setOpen] = useState(!props.isFolded);
  const [words, setWords] = useState("");
  const queries = useQueryClient();
  const done = useBinding(
    async (said: string) => props.act(said),
    () => {
      setWords("");
      setOpen(!props.isFolded);
      void queries.invalidateQueries({ queryKey: [...props.changes] });
    },
  );
  if (!isOpen) {
    return (
      <Button data-testid={`${props.testId}-open`} onPress={() => setOpen(true)}>
        {props.does}
      </Button>
    );
  }
  return (
    <Form
      className="paper-words-act"
      onSubmit={(event) => {
        event.preventDefault();
        done.run(words.trim());
      }}
    >
      <TextField
        className="field"
        value={words}
        onChange={setWords}
        maxLength={CHARACTERS_MAX}
        autoFocus={props.isFolded ?? false}
      >
        <Label className="field-label">{props.label}</Label>
        <TextArea dir="auto" rows={3} data-testid={`${props.testId}-words`} />
      </TextField>
      <Problem error={done.error} />
      <div className="sheet-acts">
        {props.isFolded && <Button onPress={() => setOpen(false)}>{t`Not now`}</Button>}
        <Button
          type="submit"
          weight="primary"
          data-testid={props.testId}
          isDisabled={(words.trim() === "" && !props.mayBeEmpty) || done.isPending}
        >
          {props.does}
        </Button>
      </div>
      {done.sheet}
    </Form>
  );
}

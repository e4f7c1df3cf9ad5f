import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Form, Label, TextArea, TextField } from "react-aria-components";

import { writeRemark } from "../../api/record";
import type { RecordSpace } from "../../api/record-types";
import { Button } from "../../components/button";
import { useDesk } from "../desk/context";
import { Problem } from "../problem";

/** Fits an entry of 64 KiB in every script, and is more than anyone reads at once. */
const REMARK_CHARACTERS_MAX = 4_000;

/** Words for every party of the space, kept for good. */
export function Remark(props: { readonly space: RecordSpace; readonly thread: string | null }) {
  const { t } = useLingui();
  const { self, contact } = useDesk();
  const [words, setWords] = useState("");
  const queries = useQueryClient();
  const write = useMutation({
    mutationFn: async () => writeRemark(props.space.id, words.trim(), props.thread),
    onSuccess: async () => {
      setWords("");
      await queries.invalidateQueries({ queryKey: ["entries", props.space.id] });
    },
  });
  if (self !== null && self.may.length > 0 && !self.may.includes("record.remark")) {
    return (
      <p className="soft small">
        <Trans>Your roles let you read this record, not write in it.</Trans>
      </p>
    );
  }
  return (
    <Form
      className="remark"
      onSubmit={(event) => {
        event.preventDefault();
        write.mutate();
      }}
    >
      <TextField
        className="field"
        value={words}
        onChange={setWords}
        maxLength={REMARK_CHARACTERS_MAX}
      >
        <Label className="field-label">
          {props.thread === null ? <Trans>Remark</Trans> : <Trans>Remark in this thread</Trans>}
        </Label>
        <TextArea dir="auto" data-testid="remark-words" />
      </TextField>
      <p className="soft small">
        <Trans>
          Every party of this record reads it, and it stays for good. Do not write about patients
          here.
        </Trans>
      </p>
      <Problem error={write.error} />
      <Button
        type="submit"
        weight="primary"
        data-testid="remark-write"
        isDisabled={words.trim() === "" || write.isPending || contact === "silent"}
      >
        {t`Write into the record`}
      </Button>
    </Form>
  );
}

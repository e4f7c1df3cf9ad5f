import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Form, Input, Label, TextField } from "react-aria-components";

import { confirmCheck, declineCheck, sendCheck, typeCode } from "../../api/checks";
import type { CheckLine, LineCheck } from "../../api/check-types";
import { Button } from "../../components/button";
import { ExerciseMark } from "../../components/exercise-mark";
import { plain } from "../../state/checks/checks";
import { Problem } from "../problem";
import { BothTimes } from "../record/both-times";
import { useBinding } from "../step-up";
import { useChecksAgain, usePresented } from "./live";

const TYPED_MAX = 40;

/** The check that is under way, big: read, type, enter. */
export function CheckNow({ line, check }: { readonly line: CheckLine; readonly check: LineCheck }) {
  usePresented(check);
  const { party } = line;
  return (
    <div className="check-now" data-testid="check-now" data-state={check.state}>
      {check.is_exercise && <ExerciseMark />}
      <p className="check-turn" role="status">
        {check.turn === "us" ? (
          <Asked check={check} party={party} />
        ) : (
          <Trans>Waiting for {party}.</Trans>
        )}
      </p>
      {check.limit_at !== null && (
        <p className="soft small">
          <Trans>
            Until <BothTimes at={check.limit_at} parties={[line.party_id]} isShort />
          </Trans>
        </p>
      )}
      {check.passage.map(({ language, text }) => (
        <p key={language} lang={language} dir="auto" className="check-passage">
          {text}
        </p>
      ))}
      {check.code !== null && (
        <p className="check-code figures" dir="ltr" data-testid="check-code">
          {check.code}
        </p>
      )}
      <Acts line={line} check={check} />
    </div>
  );
}

function Asked({ check, party }: { readonly check: LineCheck; readonly party: string }) {
  if (check.may.includes("type")) {
    return <Trans>{party} checks the line. Read it, and type the code back.</Trans>;
  }
  if (check.may.includes("confirm")) {
    return <Trans>{party} typed the code back. Confirm that it came.</Trans>;
  }
  return <Trans>It is our turn to check the line to {party}.</Trans>;
}

function Acts({ line, check }: { readonly line: CheckLine; readonly check: LineCheck }) {
  const { t } = useLingui();
  const again = useChecksAgain();
  const [typed, setTyped] = useState("");
  const { hash } = check;
  const go = useBinding<string>(async (code) => goOn(line, check, code), again);
  const decline = useBinding<null>(async () => declineCheck(line.party_id, check), again);
  if (check.turn !== "us") return null;
  const isTyping = check.may.includes("type") && hash !== null;
  const isWrong = isTyping && plain(typed) === "";
  return (
    <Form
      className="check-acts"
      onSubmit={(event) => {
        event.preventDefault();
        go.run(typed);
      }}
    >
      {isTyping && (
        <TextField
          className="field"
          value={typed}
          onChange={setTyped}
          maxLength={TYPED_MAX}
          autoFocus
        >
          <Label className="field-label">
            <Trans>The code</Trans>
          </Label>
          <Input
            className="check-input figures"
            dir="ltr"
            autoComplete="off"
            data-testid="check-typed"
          />
        </TextField>
      )}
      <Problem error={go.error ?? decline.error} />
      <div className="sheet-acts">
        <Button
          isDisabled={decline.isPending}
          onPress={() => decline.run(null)}
        >{t`Not now`}</Button>
        <Button
          type="submit"
          weight="primary"
          data-testid="check-go"
          isDisabled={isWrong || go.isPending}
          autoFocus={!isTyping}
        >
          {wordOf(check, t`Send the check`, t`Send the code back`, t`Confirm`)}
        </Button>
      </div>
      {go.sheet}
      {decline.sheet}
    </Form>
  );
}

function wordOf(check: LineCheck, send: string, type: string, confirm: string): string {
  if (check.may.includes("type")) return type;
  return check.may.includes("confirm") ? confirm : send;
}

async function goOn(line: CheckLine, check: LineCheck, code: string): Promise<void> {
  if (check.hash === null) return sendCheck(line.party_id, check.due_at);
  return check.may.includes("type") ? typeCode(check.hash, code) : confirmCheck(check.hash);
}

import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Label, TextArea, TextField } from "react-aria-components";

import { settleDuress } from "../api/people";
import type { DuressCall } from "../api/people-types";
import { Button } from "../components/button";
import { Notice } from "../components/notice";
import { Question } from "../components/question";
import { Age } from "./desk/age";
import { useDesk } from "./desk/context";
import { Problem } from "./problem";
import { useBinding } from "./step-up";

const WORDS_CHARACTERS_MAX = 400;

/** Loud on every page of whoever can help, and on none of the person who is forced. */
export function DuressBanner() {
  const { duress } = useDesk();
  return duress.map((call) => <Called key={call.id} call={call} />);
}

function Called({ call }: { readonly call: DuressCall }) {
  const { t } = useLingui();
  const { self } = useDesk();
  const [isAsking, setAsking] = useState(false);
  const { name } = call.person;
  return (
    <div className="glass" data-testid="duress-banner">
      <Notice
        tone="cut"
        icon="warning"
        isUrgent
        title={t`${name} is being forced: a passkey kept for duress was used`}
      >
        <p>
          <Trans>
            Last used <Age at={call.seen_at} />. Nothing on their screen says so: do not ask here.
            Reach them in the way you agreed on, and look through what they have signed.
          </Trans>
        </p>
        {self?.may.includes("duress.settle") && (
          <div>
            <Button data-testid="settle-duress" onPress={() => setAsking(true)}>
              {t`Say what came of it`}
            </Button>
          </div>
        )}
      </Notice>
      {isAsking && <Settle call={call} onClose={() => setAsking(false)} />}
    </div>
  );
}

function Settle({ call, onClose }: { readonly call: DuressCall; readonly onClose: () => void }) {
  const { t } = useLingui();
  const [words, setWords] = useState("");
  const settle = useBinding(async (said: string) => settleDuress(call.id, said), onClose);
  const { name } = call.person;
  return (
    <>
      <Question
        title={t`What came of it with ${name}?`}
        no={t`Not yet`}
        yes={t`It is over`}
        isPending={settle.isPending || words.trim() === ""}
        onNo={onClose}
        onYes={() => settle.run(words.trim())}
      >
        <TextField
          className="field"
          value={words}
          onChange={setWords}
          maxLength={WORDS_CHARACTERS_MAX}
        >
          <Label className="field-label">
            <Trans>What you know, and from whom; from here on it stands in the trail</Trans>
          </Label>
          <TextArea className="field-input" rows={3} />
        </TextField>
        <Problem error={settle.error} />
      </Question>
      {settle.sheet}
    </>
  );
}

import { useQueryClient } from "@tanstack/react-query";
import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";

import { sayStatement, signFact } from "../../api/crises";
import type { Crisis, Statement, StatementKind } from "../../api/crisis-types";
import { STATEMENT_KINDS } from "../../api/crisis-types";
import { Button } from "../../components/button";
import { Choice, Toggle } from "../../components/choice";
import { Sheet } from "../../components/sheet";
import { Problem } from "../problem";
import { useBinding } from "../step-up";
import { useTexts, Words, Writing } from "./parts";
import { KIND_WORDS } from "./words";

/** What is about to be said, and about what. */
export interface Saying {
  readonly kind: StatementKind | "fact";
  /** A claim that is contradicted, or becomes a fact. */
  readonly about: Statement | null;
}

/** Says a claim, a request or an offer, or proposes a fact for both to sign. */
export function SayForm(props: {
  readonly crisis: Crisis;
  readonly saying: Saying;
  readonly onClose: () => void;
}) {
  const { _ } = useCatalogue();
  const { t } = useLingui();
  const { crisis, saying } = props;
  const texts = useTexts();
  const queries = useQueryClient();
  const isFact = saying.kind === "fact";
  const [kind, setKind] = useState<StatementKind>("claim");
  const [words, setWords] = useState(isFact ? (saying.about?.texts[0]?.text ?? "") : "");
  const [isQuotable, setQuotable] = useState(false);
  const act = useBinding<null>(
    async () =>
      isFact
        ? signFact(crisis.hash, {
            texts: texts(words),
            claim: saying.about?.hash ?? null,
            is_quotable: isQuotable,
          })
        : sayStatement(crisis.hash, {
            kind,
            texts: texts(words),
            disputes: saying.about?.hash ?? null,
            is_quotable: isQuotable,
          }),
    () => {
      props.onClose();
      void queries.invalidateQueries({ queryKey: ["crisis", crisis.hash] });
    },
  );
  return (
    <>
      <Sheet
        title={isFact ? t`Sign a fact` : t`Say something in the crisis`}
        isOpen
        onClose={props.onClose}
      >
        {saying.about !== null && (
          <blockquote>
            <Words texts={saying.about.texts} />
          </blockquote>
        )}
        {isFact && (
          <p className="small">
            <Trans>It is agreed once the other side has signed these very words.</Trans>
          </p>
        )}
        {!isFact && saying.about === null && (
          <Choice
            label={t`What it is`}
            value={kind}
            options={STATEMENT_KINDS.map((id) => ({ id, label: _(KIND_WORDS[id]) }))}
            onChange={(id) => setKind(id as StatementKind)}
          />
        )}
        <Writing label={t`Words`} value={words} onChange={setWords} testId="say-words" />
        <Toggle isOn={isQuotable} onChange={setQuotable}>
          <Trans>May be quoted in public</Trans>
        </Toggle>
        <Problem error={act.error} />
        <div className="sheet-acts">
          <Button onPress={props.onClose}>{t`Not now`}</Button>
          <Button
            weight="primary"
            data-testid="say-it"
            isDisabled={act.isPending || words.trim() === ""}
            onPress={() => act.run(null)}
          >
            {isFact ? t`Sign it with the passkey` : t`Say it`}
          </Button>
        </div>
      </Sheet>
      {act.sheet}
    </>
  );
}

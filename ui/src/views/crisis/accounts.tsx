import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";

import { type AssessmentAct, bind, keepAccount, readAccount } from "../../api/crises";
import type { Account, Assessment, Crisis } from "../../api/crisis-types";
import { Button } from "../../components/button";
import { Chip } from "../../components/chip";
import { Question } from "../../components/question";
import type { Possible } from "../../state/crisis/crisis";
import { Problem } from "../problem";
import { BothTimes } from "../record/both-times";
import { useBinding } from "../step-up";
import { usePartyName, useTexts, Words, Writing } from "./parts";

/** Both accounts: sealed before they are shown, so that neither answers the other. */
export function AccountsCard(props: {
  readonly crisis: Crisis;
  readonly assessment: Assessment;
  readonly can: Possible;
}) {
  const { crisis, assessment, can } = props;
  return (
    <section className="card crisis-heap" aria-labelledby="accounts">
      <h2 id="accounts" className="desk-title">
        <Trans>Each side's own account</Trans>
      </h2>
      <p className="small">
        <Trans>
          Your account stays on your node, encrypted, until both sides have sealed theirs. Then both
          nodes show them by themselves.
        </Trans>
      </p>
      <div className="crisis-accounts">
        {crisis.parties.map(({ id }) => (
          <AccountItem
            key={id}
            crisis={crisis}
            party={id}
            account={assessment.accounts.find(({ party }) => party === id)}
          />
        ))}
      </div>
      {can.mayWriteAccount && <Editor hash={crisis.hash} maySeal={can.maySeal} />}
      {can.mayDecide && <Decide hash={crisis.hash} />}
      {assessment.state === "timeline" && (
        <p className="soft small">
          <Trans>From then on, a side that sealed alone may publish or take back:</Trans>{" "}
          <BothTimes at={assessment.deadline} parties={crisis.parties.map(({ id }) => id)} />
        </p>
      )}
    </section>
  );
}

function AccountItem(props: {
  readonly crisis: Crisis;
  readonly party: string;
  readonly account: Account | undefined;
}) {
  const { t } = useLingui();
  const { account } = props;
  const name = usePartyName(props.crisis.parties)(props.party);
  return (
    <div className="crisis-item" data-testid="account">
      <strong>
        <bdi>{name}</bdi>
      </strong>
      {account === undefined && <Chip tone="unknown">{t`Not sealed`}</Chip>}
      {account !== undefined && account.shown === null && (
        <Chip tone={account.is_awaited ? "fair" : "noted"}>
          {account.is_awaited ? t`Sealed by both, not shown by this side` : t`Sealed`}
        </Chip>
      )}
      {account?.shown !== null && account !== undefined && (
        <>
          <Chip tone="good">{t`Shown, and the seal matches`}</Chip>
          <Words texts={account.shown} />
        </>
      )}
      {account !== undefined && (
        <p className="soft small">
          <BothTimes at={account.sealed_at} parties={[]} />{" "}
          <code className="crisis-hash">{account.seal.slice(0, 16)}</code>
        </p>
      )}
    </div>
  );
}

function Editor({ hash, maySeal }: { readonly hash: string; readonly maySeal: boolean }) {
  const { t } = useLingui();
  const texts = useTexts();
  const queries = useQueryClient();
  const kept = useQuery({
    queryKey: ["account", hash],
    queryFn: async () => readAccount(hash),
    // What is being typed is not overwritten by what was kept before.
    staleTime: Number.POSITIVE_INFINITY,
  });
  const [typed, setTyped] = useState<string | null>(null);
  const [isAsked, setAsked] = useState(false);
  const words = typed ?? kept.data?.[0]?.text ?? "";
  const save = useBinding<string>(
    async (text) => keepAccount(hash, texts(text)),
    () => void queries.invalidateQueries({ queryKey: ["account", hash] }),
  );
  const seal = useBinding<null>(
    async () => {
      await keepAccount(hash, texts(words));
      await bind(hash, "seal");
    },
    () => {
      setAsked(false);
      void queries.invalidateQueries({ queryKey: ["assessment", hash] });
    },
  );
  return (
    <div className="crisis-heap">
      <Writing
        label={t`Our account, seen by nobody outside your party`}
        value={words}
        onChange={setTyped}
        testId="account-words"
      />
      <div className="crisis-acts">
        <Button
          data-testid="keep-account"
          isDisabled={save.isPending || words.trim() === ""}
          onPress={() => save.run(words)}
        >
          {t`Keep the draft`}
        </Button>
        {maySeal && (
          <Button
            weight="primary"
            data-testid="seal"
            isDisabled={words.trim() === ""}
            onPress={() => setAsked(true)}
          >
            {t`Seal`}
          </Button>
        )}
      </div>
      <Problem error={save.error} />
      {isAsked && (
        <Question
          title={t`Seal our account?`}
          no={t`Go on writing`}
          yes={t`Seal it with the passkey`}
          isDangerous
          isPending={seal.isPending}
          onNo={() => setAsked(false)}
          onYes={() => seal.run(null)}
        >
          <p>
            <Trans>
              This cannot be undone. A salted hash of the text goes to the other side; not a letter
              of it can be changed from then on.
            </Trans>
          </p>
          <Problem error={seal.error} />
        </Question>
      )}
      {save.sheet}
      {seal.sheet}
    </div>
  );
}

function Decide({ hash }: { readonly hash: string }) {
  const { t } = useLingui();
  const queries = useQueryClient();
  const act = useBinding<AssessmentAct>(
    async (what) => bind(hash, what),
    () => void queries.invalidateQueries({ queryKey: ["assessment", hash] }),
  );
  return (
    <div className="crisis-acts">
      <p>
        <Trans>The other side has sealed nothing by the deadline. It is yours to decide.</Trans>
      </p>
      <Button isDisabled={act.isPending} onPress={() => act.run("publish")}>
        {t`Publish ours`}
      </Button>
      <Button isDisabled={act.isPending} onPress={() => act.run("take-back")}>
        {t`Take ours back`}
      </Button>
      <Problem error={act.error} />
      {act.sheet}
    </div>
  );
}

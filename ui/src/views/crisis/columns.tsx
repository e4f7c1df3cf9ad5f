import { useQueryClient } from "@tanstack/react-query";
import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { type ReactNode, useEffect, useState } from "react";

import { replyTo, signFact, takeBack } from "../../api/crises";
import type { Crisis, Fact, Statement } from "../../api/crisis-types";
import { Button } from "../../components/button";
import { Chip } from "../../components/chip";
import { useIsNarrow } from "../../components/narrow";
import { type Columns, columnsOf } from "../../state/crisis/crisis";
import { useDesk } from "../desk/context";
import { Problem } from "../problem";
import { BothTimes } from "../record/both-times";
import { useBinding } from "../step-up";
import { usePartyName, Words } from "./parts";
import { SayForm, type Saying } from "./say-form";
import { KIND_WORDS, STATEMENT_TONES, STATEMENT_WORDS } from "./words";

type Column = "said" | "facts" | "disputed";

/** What was said, what both agree on, what they do not: columns, and tabs on a phone. */
export function CrisisColumns(props: {
  readonly crisis: Crisis;
  /** Hash of what somebody looks for. */
  readonly sought: string | null;
  readonly onSeek: (hash: string | null) => void;
}) {
  const { crisis, sought, onSeek } = props;
  const { t } = useLingui();
  const isNarrow = useIsNarrow();
  const { said, facts, disputed } = columnsOf(crisis);
  const [chosen, setShown] = useState<Column>("said");
  const [saying, setSaying] = useState<Saying | null>(null);
  const { self } = useDesk();
  const shown = sought === null ? chosen : columnWith({ said, facts, disputed }, sought);
  useFocusOn(sought);
  const titles: Readonly<Record<Column, string>> = {
    said: t`Claims, requests, offers`,
    facts: t`Facts`,
    disputed: t`Disputed`,
  };
  const contents: Readonly<Record<Column, ReactNode>> = {
    said: said.map((each) => (
      <StatementItem key={each.hash} crisis={crisis} statement={each} onSay={setSaying} />
    )),
    facts: facts.map((each) => <FactItem key={each.hash} crisis={crisis} fact={each} />),
    disputed: disputed.map((group) => (
      <li key={group[0]?.hash} className="crisis-heap">
        <ul className="crisis-list">
          {group.map((each) => (
            <StatementItem key={each.hash} crisis={crisis} statement={each} onSay={setSaying} />
          ))}
        </ul>
      </li>
    )),
  };
  const counts = { said: said.length, facts: facts.length, disputed: disputed.length };
  const columns = (["said", "facts", "disputed"] as const).filter(
    (each) => !isNarrow || each === shown,
  );
  return (
    <section aria-label={t`What was said`} className="crisis-heap">
      <div className="crisis-acts">
        {self?.may.includes("crisis.say") === true && (
          <Button data-testid="say" onPress={() => setSaying({ kind: "claim", about: null })}>
            {t`Say something`}
          </Button>
        )}
        {self?.may.includes("crisis.agree") === true && (
          <Button data-testid="say-fact" onPress={() => setSaying({ kind: "fact", about: null })}>
            {t`Propose a fact`}
          </Button>
        )}
      </div>
      {isNarrow && (
        <div className="crisis-tabs" role="group" aria-label={t`What is shown`}>
          {(["said", "facts", "disputed"] as const).map((each) => (
            <Button
              key={each}
              weight={each === shown ? "primary" : "plain"}
              onPress={() => {
                onSeek(null);
                setShown(each);
              }}
            >
              {`${titles[each]} (${counts[each]})`}
            </Button>
          ))}
        </div>
      )}
      <div className="crisis-columns">
        {columns.map((each) => (
          <section key={each} className="card crisis-column" aria-labelledby={`column-${each}`}>
            <h2 id={`column-${each}`} className="desk-title">
              {titles[each]}
            </h2>
            {counts[each] === 0 ? (
              <p className="soft">
                <Trans>Nothing yet</Trans>
              </p>
            ) : (
              <ul className="crisis-list">{contents[each]}</ul>
            )}
          </section>
        ))}
      </div>
      {saying !== null && (
        <SayForm crisis={crisis} saying={saying} onClose={() => setSaying(null)} />
      )}
    </section>
  );
}

/** Brings what is sought into view, and the keyboard to it. */
function useFocusOn(sought: string | null): void {
  useEffect(() => {
    if (sought === null) return;
    const item = document.getElementById(`said-${sought}`);
    item?.scrollIntoView({ block: "center" });
    item?.focus();
  }, [sought]);
}

/** The column in which something stands. */
function columnWith({ facts, disputed }: Columns, hash: string): Column {
  if (facts.some((each) => each.hash === hash)) return "facts";
  return disputed.flat().some((each) => each.hash === hash) ? "disputed" : "said";
}

function StatementItem(props: {
  readonly crisis: Crisis;
  readonly statement: Statement;
  readonly onSay: (saying: Saying) => void;
}) {
  const { _ } = useCatalogue();
  const { t } = useLingui();
  const { crisis, statement } = props;
  const nameOf = usePartyName(crisis.parties);
  const { self } = useDesk();
  const queries = useQueryClient();
  const act = useBinding<"taken_up" | "declined" | "back">(
    async (what) =>
      what === "back"
        ? takeBack(crisis.hash, statement.hash)
        : replyTo(crisis.hash, statement.hash, what),
    () => void queries.invalidateQueries({ queryKey: ["crisis", crisis.hash] }),
  );
  const isOurs = statement.party === self?.party.id;
  const isOpen = statement.state === "standing" || statement.state === "disputed";
  const isClaim = statement.kind === "claim";
  const may = self?.may ?? [];
  return (
    <li
      className="crisis-item"
      id={`said-${statement.hash}`}
      tabIndex={-1}
      data-testid={`statement-${statement.state}`}
    >
      <div className="crisis-marks">
        <strong>
          <bdi>{nameOf(statement.party)}</bdi>
        </strong>
        <span>{_(KIND_WORDS[statement.kind])}</span>
        <Chip tone={STATEMENT_TONES[statement.state]}>{_(STATEMENT_WORDS[statement.state])}</Chip>
        {statement.is_quotable && <span className="soft small">{t`May be quoted`}</span>}
      </div>
      <Words texts={statement.texts} />
      <p className="soft small">
        <BothTimes at={statement.at} parties={crisis.parties.map(({ id }) => id)} />
      </p>
      <div className="crisis-acts">
        {isOpen && isClaim && !isOurs && may.includes("crisis.say") && (
          <Button
            data-testid="dispute"
            onPress={() => props.onSay({ kind: "claim", about: statement })}
          >
            {t`Dispute`}
          </Button>
        )}
        {isOpen && isClaim && may.includes("crisis.agree") && (
          <Button
            data-testid="agree"
            onPress={() => props.onSay({ kind: "fact", about: statement })}
          >
            {t`Make it a fact`}
          </Button>
        )}
        {statement.state === "standing" && !isClaim && !isOurs && may.includes("crisis.say") && (
          <>
            <Button isDisabled={act.isPending} onPress={() => act.run("taken_up")}>
              {t`Take up`}
            </Button>
            <Button isDisabled={act.isPending} onPress={() => act.run("declined")}>
              {t`Decline`}
            </Button>
          </>
        )}
        {isOpen && isOurs && may.includes("crisis.say") && (
          <Button isDisabled={act.isPending} onPress={() => act.run("back")}>
            {t`Take back`}
          </Button>
        )}
      </div>
      <Problem error={act.error} />
      {act.sheet}
    </li>
  );
}

function FactItem({ crisis, fact }: { readonly crisis: Crisis; readonly fact: Fact }) {
  const { t } = useLingui();
  const { self } = useDesk();
  const queries = useQueryClient();
  const nameOf = usePartyName(crisis.parties);
  const sign = useBinding<null>(
    async () => signFact(crisis.hash, { same_as: fact.hash }),
    () => void queries.invalidateQueries({ queryKey: ["crisis", crisis.hash] }),
  );
  const isAgreed = fact.state === "agreed";
  const isSigned = fact.signed.some(([party]) => party === self?.party.id);
  const names = fact.signed.map(([party]) => nameOf(party ?? "")).join(", ");
  return (
    <li
      className="crisis-item"
      id={`said-${fact.hash}`}
      tabIndex={-1}
      data-testid={`fact-${fact.state}`}
    >
      <div className="crisis-marks">
        <Chip tone={isAgreed ? "good" : "noted"}>{isAgreed ? t`Agreed` : t`Proposed`}</Chip>
        {fact.is_quotable && <span className="soft small">{t`May be quoted`}</span>}
      </div>
      <Words texts={fact.texts} />
      <p className="soft small">
        <Trans>Signed by {names}</Trans>{" "}
        <code className="crisis-hash">{fact.hash.slice(0, 12)}</code>
      </p>
      {!isAgreed && !isSigned && self?.may.includes("crisis.agree") === true && (
        <Button
          data-testid="sign-fact"
          weight="primary"
          isDisabled={sign.isPending}
          onPress={() => sign.run(null)}
        >
          {t`Sign the same words`}
        </Button>
      )}
      <Problem error={sign.error} />
      {sign.sheet}
    </li>
  );
}

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";

import { bind, readAssessment, readCrisis } from "../../api/crises";
import type { Assessment, Crisis } from "../../api/crisis-types";
import { Button } from "../../components/button";
import { Chip } from "../../components/chip";
import { ExerciseMark } from "../../components/exercise-mark";
import { Empty, Notice } from "../../components/notice";
import { Question } from "../../components/question";
import { possible, stageOf, STAGES } from "../../state/crisis/crisis";
import { nextStep } from "../../state/crisis/waiting";
import { useDesk } from "../desk/context";
import { Problem } from "../problem";
import { BothTimes } from "../record/both-times";
import { useBinding } from "../step-up";
import { AccountsCard } from "./accounts";
import { JointSheet } from "./joint-sheet";
import { MeasuresCard } from "./figures";
import { Breaches, usePartyName } from "./parts";
import { ReadoutsCard } from "./readouts";
import { CrisisTimeline } from "./timeline";
import { NEXT_WORDS, STAGE_WORDS } from "./words";
import "./crisis.css";

const EVERY_MS = 3_000;
/** Of a digest that is held against another: enough to be read aloud. */
const DIGITS = 32;

/** The assessment after a crisis, stage by stage. */
export function AssessmentPage({ hash }: { readonly hash: string }) {
  const { t } = useLingui();
  const crisis = useQuery({ queryKey: ["crisis", hash], queryFn: async () => readCrisis(hash) });
  const read = useQuery({
    queryKey: ["assessment", hash],
    queryFn: async () => readAssessment(hash),
    refetchInterval: EVERY_MS,
  });
  return (
    <main id="main" className="page crisis">
      {(read.isPending || crisis.isPending) && (
        <Empty icon="aside" title={t`Asking your node for the assessment`} isWaiting />
      )}
      <Problem error={crisis.error ?? read.error} />
      {read.data !== undefined && crisis.data !== undefined && (
        <Shown crisis={crisis.data} assessment={read.data} />
      )}
    </main>
  );
}

interface Props {
  readonly crisis: Crisis;
  readonly assessment: Assessment;
}

function Shown({ crisis, assessment }: Props) {
  const { _ } = useCatalogue();
  const { self } = useDesk();
  if (self === null) return null;
  const can = possible(assessment, self.party.id, self.may);
  return (
    <>
      <div className="page-head">
        <h1>
          <Trans>Assessment of crisis {crisis.number}</Trans>
        </h1>
        <Link to="/crises/$hash" params={{ hash: crisis.hash }} className="button">
          <Trans>Back to the crisis</Trans>
        </Link>
      </div>
      {crisis.is_exercise && <ExerciseMark />}
      <Stages assessment={assessment} />
      <Notice tone="noted" icon="next" title={_(NEXT_WORDS[nextStep(assessment, self.party.id)])} />
      <div className="crisis-found">
        <TimelinesCard crisis={crisis} assessment={assessment} />
        <MeasuresCard crisis={crisis} />
      </div>
      <CrisisTimeline crisis={crisis} />
      <AccountsCard crisis={crisis} assessment={assessment} can={can} />
      <JointSheet crisis={crisis} assessment={assessment} can={can} />
      <ReadoutsCard crisis={crisis} assessment={assessment} />
      {can.mayEnd && <EndAct hash={crisis.hash} />}
      <Breaches breaches={assessment.breaches} parties={crisis.parties} />
    </>
  );
}

function Stages({ assessment }: { readonly assessment: Assessment }) {
  const { _ } = useCatalogue();
  const { t } = useLingui();
  const at = stageOf(assessment.state);
  const steps = STAGES.map((stage, index) => (index === at ? assessment.state : stage));
  return (
    <ol className="crisis-stages" aria-label={t`Stages`}>
      {steps.map((stage, index) => (
        <li key={stage} {...(index === at ? { "aria-current": "step" as const } : {})}>
          <Stage word={_(STAGE_WORDS[stage])} place={Math.sign(index - at)} />
        </li>
      ))}
    </ol>
  );
}

function Stage({ word, place }: { readonly word: string; readonly place: number }) {
  const { t } = useLingui();
  if (place > 0) return <Chip tone="coming">{t`To come: ${word}`}</Chip>;
  return <Chip tone={place < 0 ? "good" : "noted"}>{word}</Chip>;
}

function TimelinesCard({ crisis, assessment }: Props) {
  const { t } = useLingui();
  const nameOf = usePartyName(crisis.parties);
  const isEqual = assessment.are_timelines_equal;
  return (
    <section className="card crisis-heap" aria-labelledby="timelines">
      <h2 id="timelines" className="desk-title">
        <Trans>Two timelines, built apart</Trans>
      </h2>
      {isEqual === null ? (
        <p className="soft">
          <Trans>Waiting for both nodes to say what their records have.</Trans>
        </p>
      ) : (
        <p>
          <Chip tone={isEqual ? "good" : "fair"}>
            {isEqual ? t`Equal, by their hashes` : t`Not equal`}
          </Chip>
        </p>
      )}
      <ul className="crisis-list">
        {assessment.timelines.map((each) => (
          <li key={each.party} className="small">
            <bdi>{nameOf(each.party)}</bdi>: <Trans>{each.count} entries</Trans>{" "}
            <code className="crisis-hash">{each.digest.slice(0, DIGITS)}</code>
          </li>
        ))}
        {assessment.differences.map((each) => {
          const name = nameOf(each.party);
          return (
            <li key={each.head} className="small">
              <Trans>
                Only {name} has <code>{each.head}</code>
              </Trans>
            </li>
          );
        })}
      </ul>
      <p className="soft small">
        <Trans>Begun</Trans>{" "}
        <BothTimes at={assessment.begun} parties={crisis.parties.map(({ id }) => id)} />
      </p>
    </section>
  );
}

function EndAct({ hash }: { readonly hash: string }) {
  const { t } = useLingui();
  const queries = useQueryClient();
  const [isAsked, setAsked] = useState(false);
  const end = useBinding<null>(
    async () => bind(hash, "end"),
    () => {
      setAsked(false);
      void queries.invalidateQueries({ queryKey: ["assessment", hash] });
    },
  );
  return (
    <div className="crisis-acts">
      <Button data-testid="end" onPress={() => setAsked(true)}>
        {t`End without a joint text`}
      </Button>
      {isAsked && (
        <Question
          title={t`End without a joint text?`}
          no={t`Go on`}
          yes={t`End it with the passkey`}
          isPending={end.isPending}
          onNo={() => setAsked(false)}
          onYes={() => end.run(null)}
        >
          <p>
            <Trans>This is as normal an end as a joint text. Accounts and readouts remain.</Trans>
          </p>
          <Problem error={end.error} />
        </Question>
      )}
      {end.sheet}
    </div>
  );
}

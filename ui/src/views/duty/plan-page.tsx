import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Input, Label, TextField } from "react-aria-components";

import { decidePlan, dryRun, readPlan, tryTarget } from "../../api/duty";
import {
  type Direction,
  DIRECTIONS,
  type PlanAnswer,
  type Precedence,
  PRECEDENCES,
} from "../../api/duty-types";
import { Button } from "../../components/button";
import { Chip } from "../../components/chip";
import { Choice, Toggle } from "../../components/choice";
import { Empty } from "../../components/notice";
import { useFormat } from "../../i18n/format";
import { changesBetween } from "../../state/duty/plan";
import { instantOf } from "../../state/papers/zoned";
import { useDesk } from "../desk/context";
import { Problem } from "../problem";
import { useBinding } from "../step-up";
import { Lanes } from "./lanes";
import { Changes } from "./plan/changes";
import { PlanEditor } from "./plan/editor";
import { useTargetOptions } from "./targets";
import { DIRECTION_WORDS, PLAN_WORDS, PRECEDENCE_NAMES } from "./words";
import "../record/record.css";
import "../people/people.css";
import "./duty.css";

/** The plan of watches and escalation: what it does, its versions, and how it is changed. */
export function PlanPage() {
  const { t } = useLingui();
  const { self } = useDesk();
  const may = (act: string) => self?.may.includes(act) ?? false;
  const read = useQuery({ queryKey: ["plan"], queryFn: readPlan });
  return (
    <main id="main" className="page people">
      <h1>{t`Watches and escalation`}</h1>
      {read.isPending && <Empty icon="people" title={t`Asking your node for its plan`} isWaiting />}
      <Problem error={read.error} />
      <DryRun />
      {may("escalation.try") && read.data !== undefined && <TryTarget answer={read.data} />}
      {read.data !== undefined && (
        <>
          <Versions answer={read.data} mayChange={may("escalation.change")} />
          {may("escalation.change") && <PlanEditor key={read.data.number} answer={read.data} />}
        </>
      )}
    </main>
  );
}

function DryRun() {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  const [direction, setDirection] = useState<Direction>("inbound");
  const [precedence, setPrecedence] = useState<Precedence>("flash");
  const [at, setAt] = useState("");
  const [is_exercise, setExercise] = useState(false);
  const { self } = useDesk();
  const format = useFormat();
  const zone = self?.party.time_zone ?? "UTC";
  const instant = instantOf(at, zone);
  const tried = useQuery({
    queryKey: ["dry-run", direction, precedence, instant, is_exercise],
    placeholderData: (before) => before,
    queryFn: async () => {
      const began_at = instant ?? new Date().toISOString();
      return {
        began_at,
        steps: await dryRun({ direction, precedence, at: began_at, is_exercise }),
      };
    },
  });
  return (
    <section className="card people-card" aria-labelledby="dry-run-title">
      <h2 id="dry-run-title" className="desk-title">{t`Who would be called`}</h2>
      <p className="small soft">
        <Trans>If an alert came and nobody did anything. Nobody is told.</Trans>
      </p>
      <div className="filters">
        <Choice
          label={t`Who wrote`}
          value={direction}
          options={DIRECTIONS.map((id) => ({ id, label: _(DIRECTION_WORDS[id]) }))}
          onChange={(id) => setDirection(DIRECTIONS.find((each) => each === id) ?? "inbound")}
        />
        <Choice
          label={t`Precedence`}
          value={precedence}
          options={PRECEDENCES.map((id) => ({ id, label: _(PRECEDENCE_NAMES[id]) }))}
          onChange={(id) => setPrecedence(PRECEDENCES.find((each) => each === id) ?? "flash")}
        />
        <TextField className="field" value={at} onChange={setAt} type="datetime-local">
          <Label className="field-label">{t`When it comes; now, if empty`}</Label>
          <Input dir="ltr" />
        </TextField>
      </div>
      <Toggle isOn={is_exercise} onChange={setExercise}>
        <Trans>As an exercise</Trans>
      </Toggle>
      <Problem error={tried.error} />
      {tried.data !== undefined && (
        <>
          <p className="small">{format.instant(tried.data.began_at, zone)}</p>
          <Lanes began_at={tried.data.began_at} steps={tried.data.steps} />
        </>
      )}
    </section>
  );
}

function TryTarget({ answer }: { readonly answer: PlanAnswer }) {
  const { t } = useLingui();
  const { options } = useTargetOptions(answer, answer.plan.rosters);
  const [target, setTarget] = useState(options[0]?.id ?? "");
  const attempt = useMutation({ mutationFn: tryTarget });
  return (
    <section className="card people-card" aria-labelledby="try-title">
      <h2 id="try-title" className="desk-title">{t`Try a target`}</h2>
      <Choice label={t`Target`} value={target} options={options} onChange={setTarget} />
      <div>
        <Button
          isDisabled={attempt.isPending}
          onPress={() => attempt.mutate(target)}
          data-testid="try-target"
        >
          {t`Call it now, as a trial`}
        </Button>
      </div>
      <Problem error={attempt.error} />
      <ul className="people-list">
        {attempt.data?.map((each) => (
          <li key={each.end} className="people-item">
            <bdi>{each.end}</bdi>
            <Chip tone={each.failure === null ? "good" : "cut"}>
              {each.failure ?? t`Taken over`}
            </Chip>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Versions(props: { readonly answer: PlanAnswer; readonly mayChange: boolean }) {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  const format = useFormat();
  const { self } = useDesk();
  const queries = useQueryClient();
  const decide = useBinding(
    async (wanted: { readonly number: number; readonly verb: "confirm" | "reject" }) =>
      decidePlan(wanted.number, wanted.verb),
    () => void queries.invalidateQueries({ queryKey: ["plan"] }),
  );
  const zone = self?.party.time_zone ?? "UTC";
  return (
    <section className="card people-card" aria-labelledby="versions-title">
      <h2 id="versions-title" className="desk-title">{t`Versions`}</h2>
      {props.answer.versions.length === 0 && (
        <p className="small">
          <Trans>Nobody has made a plan yet: what holds is what the node brings with it.</Trans>
        </p>
      )}
      <Problem error={decide.error} />
      <ul className="people-list">
        {props.answer.versions.map((each) => {
          const words = PLAN_WORDS[each.state];
          return (
            <li key={each.number} className="people-item">
              <div>
                <strong>{each.number}</strong>{" "}
                <Chip tone={each.state === "in_force" ? "good" : "noted"}>
                  {words === undefined ? each.state : _(words)}
                </Chip>{" "}
                <bdi>{each.proposed_by}</bdi>
                <p className="small soft">
                  {format.instant(each.proposed_at, zone)} · <bdi>{each.words}</bdi>
                </p>
                {each.state === "proposed" && (
                  <Changes changes={changesBetween(props.answer.plan, each.plan)} />
                )}
              </div>
              {each.state === "proposed" && props.mayChange && (
                <div className="people-acts">
                  <Button
                    weight="primary"
                    isDisabled={decide.isPending}
                    onPress={() => decide.run({ number: each.number, verb: "confirm" })}
                  >
                    {t`Put in force`}
                  </Button>
                  <Button
                    isDisabled={decide.isPending}
                    onPress={() => decide.run({ number: each.number, verb: "reject" })}
                  >
                    {t`Reject`}
                  </Button>
                </div>
              )}
            </li>
          );
        })}
      </ul>
      {decide.sheet}
    </section>
  );
}

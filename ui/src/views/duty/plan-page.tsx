import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Form, Input, Label, TextArea, TextField } from "react-aria-components";

import { decidePlan, dryRun, proposePlan, readPlan, tryTarget } from "../../api/duty";
import {
  type Direction,
  DIRECTIONS,
  type PlanAnswer,
  type PlanDocument,
  type Precedence,
  PRECEDENCES,
} from "../../api/duty-types";
import { Button } from "../../components/button";
import { Chip } from "../../components/chip";
import { Choice } from "../../components/choice";
import { Empty, Notice } from "../../components/notice";
import { useFormat } from "../../i18n/format";
import { useDesk } from "../desk/context";
import { Problem } from "../problem";
import { useBinding } from "../step-up";
import { Timeline } from "./timeline";
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
    <main id="main" className="record people">
      <h1>{t`Watches and escalation`}</h1>
      {read.isPending && <Empty icon="people" title={t`Asking your node for its plan`} isWaiting />}
      <Problem error={read.error} />
      <DryRun />
      {may("escalation.try") && read.data !== undefined && <TryTarget answer={read.data} />}
      {read.data !== undefined && (
        <>
          <Versions answer={read.data} mayChange={may("escalation.change")} />
          {may("escalation.change") && <Editor key={read.data.number} answer={read.data} />}
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
  const instant = at === "" ? null : new Date(at).toISOString();
  const tried = useQuery({
    queryKey: ["dry-run", direction, precedence, instant],
    queryFn: async () => {
      const began_at = instant ?? new Date().toISOString();
      return { began_at, steps: await dryRun({ direction, precedence, at: began_at }) };
    },
  });
  return (
    <section className="card people-card" aria-labelledby="dry-run-title">
      <h2 id="dry-run-title" className="desk-title">{t`What would happen`}</h2>
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
          <Label>{t`When it comes; now, if empty`}</Label>
          <Input />
        </TextField>
      </div>
      <Problem error={tried.error} />
      {tried.data !== undefined && (
        <Timeline began_at={tried.data.began_at} steps={tried.data.steps} />
      )}
    </section>
  );
}

function TryTarget({ answer }: { readonly answer: PlanAnswer }) {
  const { t } = useLingui();
  const { targets } = answer;
  const known = [
    ...targets.sirens.map((name) => `siren:${name}`),
    ...targets.webhooks.map((name) => `webhook:${name}`),
    ...targets.boxes.map((name) => `mail:${name}`),
    "role:duty_officer",
    "role:releaser",
  ];
  const [target, setTarget] = useState(known[0] ?? "");
  const attempt = useMutation({ mutationFn: tryTarget });
  return (
    <section className="card people-card" aria-labelledby="try-title">
      <h2 id="try-title" className="desk-title">{t`Try a target`}</h2>
      <Choice
        label={t`Target`}
        value={target}
        options={known.map((id) => ({ id, label: id }))}
        onChange={setTarget}
      />
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
                  {format.instant(each.proposed_at, zone)} {each.words}
                </p>
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

/** The plan as a document; the node says where it is wrong. */
function Editor({ answer }: { readonly answer: PlanAnswer }) {
  const { t } = useLingui();
  const queries = useQueryClient();
  const [text, setText] = useState(() => JSON.stringify(answer.plan, null, 2));
  const [words, setWords] = useState("");
  const plan = readDocument(text);
  const propose = useBinding(
    async (wanted: PlanDocument) => proposePlan(wanted, words),
    () => void queries.invalidateQueries({ queryKey: ["plan"] }),
  );
  return (
    <section className="card people-card" aria-labelledby="editor-title">
      <h2 id="editor-title" className="desk-title">{t`Change the plan`}</h2>
      <p className="small soft">
        <Trans>
          What you propose is in force once the other of engineer and releaser says so. Times are
          seconds; people and offices are named by their ids below.
        </Trans>
      </p>
      <details className="small">
        <summary>{t`Ids of people and offices`}</summary>
        <ul>
          {[...answer.people, ...answer.offices].map((each) => (
            <li key={each.id}>
              <bdi>{each.name}</bdi>: <code>{each.id}</code>
            </li>
          ))}
        </ul>
      </details>
      <Form
        className="people-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (plan !== null) propose.run(plan);
        }}
      >
        <TextField className="field" value={text} onChange={setText} isInvalid={plan === null}>
          <Label>{t`Plan`}</Label>
          <TextArea className="plan-text" dir="ltr" spellCheck="false" rows={18} />
        </TextField>
        <TextField className="field" value={words} onChange={setWords} maxLength={400}>
          <Label>{t`Why`}</Label>
          <Input />
        </TextField>
        {plan === null && <Notice tone="fair" icon="warning" title={t`This is no plan yet`} />}
        <Problem error={propose.error} />
        <Button type="submit" isDisabled={plan === null || propose.isPending} data-testid="propose">
          {t`Propose`}
        </Button>
      </Form>
      {propose.sheet}
    </section>
  );
}

function readDocument(text: string): PlanDocument | null {
  try {
    const read: unknown = JSON.parse(text);
    if (typeof read !== "object" || read === null) return null;
    const { rosters, policies } = read as { rosters?: unknown; policies?: unknown };
    if (!Array.isArray(rosters) || !Array.isArray(policies)) return null;
    return { rosters, policies };
  } catch {
    return null;
  }
}

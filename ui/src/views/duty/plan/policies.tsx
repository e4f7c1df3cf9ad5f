import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";

import {
  type Direction,
  DIRECTIONS,
  type PlanAnswer,
  PRECEDENCES,
  type Until,
  UNTIL_STATES,
} from "../../../api/duty-types";
import { Button } from "../../../components/button";
import { Choice, type Option, Toggle } from "../../../components/choice";
import { useFormat } from "../../../i18n/format";
import {
  moved,
  type PlanDraft,
  type PolicyDraft,
  type StepDraft,
  wholeOf,
} from "../../../state/duty/plan";
import type { PlanFaults } from "../../../state/duty/plan-faults";
import { useTargetOptions } from "../targets";
import { DIRECTION_WORDS, PRECEDENCE_NAMES, UNTIL_CHOICES } from "../words";
import { DelayField, FieldFault, PlanText } from "./fault";

const STEPS_MAX = 20;

/** Which policy is edited: one of eight, each with how many of its fields are wrong. */
export function PolicyChoice(props: {
  readonly draft: PlanDraft;
  readonly faults: PlanFaults;
  readonly index: number;
  readonly onChoose: (index: number) => void;
}) {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  const chosen = props.draft.policies[props.index];
  const isWrong = (index: number) =>
    [...props.faults.keys()].some((place) => place.startsWith(`policies.${index}.`));
  const choose = (direction: Direction, precedence: string) =>
    props.onChoose(
      props.draft.policies.findIndex(
        (each) => each.direction === direction && each.precedence === precedence,
      ),
    );
  const direction = chosen?.direction ?? "inbound";
  const precedence = chosen?.precedence ?? "flash";
  return (
    <div className="filters">
      <Choice
        label={t`Who wrote`}
        value={direction}
        options={DIRECTIONS.map((id) => ({ id, label: _(DIRECTION_WORDS[id]) }))}
        onChange={(id) => choose(DIRECTIONS.find((each) => each === id) ?? "inbound", precedence)}
      />
      <Choice
        label={t`Precedence`}
        value={precedence}
        options={PRECEDENCES.map((id) => {
          const index = props.draft.policies.findIndex(
            (each) => each.direction === direction && each.precedence === id,
          );
          const name = _(PRECEDENCE_NAMES[id]);
          return { id, label: isWrong(index) ? t`${name} (to be mended)` : name };
        })}
        onChange={(id) => choose(direction, id)}
      />
    </div>
  );
}

/** One policy: its steps in their order, and how often it is gone through again. */
export function PolicyEditor(props: {
  readonly answer: PlanAnswer;
  readonly draft: PlanDraft;
  readonly index: number;
  readonly faults: PlanFaults;
  readonly onChange: (draft: PlanDraft) => void;
}) {
  const { t } = useLingui();
  const { draft, index } = props;
  const { options, words } = useTargetOptions(props.answer, draft.rosters);
  const policy = draft.policies[index];
  if (policy === undefined) return null;
  const place = `policies.${index}`;
  const change = (part: Partial<PolicyDraft>, next = draft.next) =>
    props.onChange({
      ...draft,
      next,
      policies: draft.policies.with(index, { ...policy, ...part }),
    });
  const setSteps = (steps: readonly StepDraft[]) => change({ steps });
  return (
    <div className="plan-policy">
      {policy.steps.length === 0 && (
        <p className="small soft">
          <Trans>No steps: nobody is called for these alerts, whatever happens.</Trans>
        </p>
      )}
      <ol className="plan-rows">
        {policy.steps.map((step, number) => (
          <StepRow
            key={step.id}
            step={step}
            number={number}
            count={policy.steps.length}
            isOurs={policy.direction === "outbound"}
            place={`${place}.steps.${number}`}
            faults={props.faults}
            options={options}
            words={words}
            onChange={(changed) => setSteps(policy.steps.with(number, changed))}
            onMove={(to) => setSteps(moved(policy.steps, number, to))}
            onRemove={() => setSteps(policy.steps.toSpliced(number, 1))}
          />
        ))}
      </ol>
      <div>
        <Button
          isDisabled={policy.steps.length >= STEPS_MAX}
          data-testid="add-step"
          onPress={() =>
            change({ steps: [...policy.steps, newStep(policy, draft.next)] }, draft.next + 1)
          }
        >
          {t`Add a step`}
        </Button>
      </div>
      <div className="filters">
        <PlanText
          label={t`How often all of it is gone through again`}
          value={policy.repeats}
          place={`${place}.repeats`}
          faults={props.faults}
          isNumber
          onChange={(repeats) => change({ repeats })}
        />
        {wholeOf(policy.repeats) !== 0 && (
          <DelayField
            label={t`From the last step to the next round`}
            unitLabel={t`Counted in`}
            value={policy.repeat}
            place={`${place}.repeat_s`}
            faults={props.faults}
            onChange={(repeat) => change({ repeat })}
          />
        )}
      </div>
      <Toggle
        isOn={policy.calls_in_exercises}
        onChange={(calls_in_exercises) => change({ calls_in_exercises })}
      >
        <Trans>Call outside the desk for exercises too</Trans>
      </Toggle>
    </div>
  );
}

/** What a step begins as: a minute after the one before it, to the same people. */
function newStep(policy: PolicyDraft, id: number): StepDraft {
  const last = policy.steps.at(-1);
  return {
    id,
    delay: { typed: last === undefined ? "0" : "1", unit: last === undefined ? "s" : "min" },
    targets: last?.targets ?? [],
    until: last?.until ?? "acknowledged",
    acks: "1",
  };
}

interface StepProps {
  readonly step: StepDraft;
  readonly number: number;
  readonly count: number;
  readonly isOurs: boolean;
  readonly place: string;
  readonly faults: PlanFaults;
  readonly options: readonly Option[];
  readonly words: (target: string) => string;
  readonly onChange: (step: StepDraft) => void;
  readonly onMove: (to: number) => void;
  readonly onRemove: () => void;
}

function StepRow(props: StepProps) {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  const format = useFormat();
  const { step, number, place, faults } = props;
  const shown = format.number(number + 1);
  const change = (part: Partial<StepDraft>) => props.onChange({ ...step, ...part });
  // What they wrote is on our disk already: a step until then would never be needed.
  const states = UNTIL_STATES.filter(
    (id) => props.isOurs || id !== "delivered" || step.until === id,
  );
  return (
    <li className="plan-row" aria-label={t`Step ${shown}`}>
      <div className="plan-row-head">
        <h4>{t`Step ${shown}`}</h4>
        <RowActs {...props} name={t`Step ${shown}`} />
      </div>
      <div className="plan-fields">
        <DelayField
          label={number === 0 ? t`After it came` : t`After the step before`}
          unitLabel={t`Counted in`}
          value={step.delay}
          place={`${place}.delay_s`}
          faults={faults}
          onChange={(delay) => change({ delay })}
        />
        <Choice
          label={t`Unless by then`}
          value={step.until}
          options={states.map((id) => ({ id, label: _(UNTIL_CHOICES[id]) }))}
          onChange={(until) => change({ until: until as Until })}
        />
        {step.until === "acknowledged" && (
          <PlanText
            label={t`By how many people`}
            value={step.acks}
            place={`${place}.acks`}
            faults={faults}
            isNumber
            onChange={(acks) => change({ acks })}
          />
        )}
      </div>
      <Targets {...props} onSet={(targets) => change({ targets })} />
    </li>
  );
}

/** Earlier, later, away: for whatever stands in an order. */
export function RowActs(props: {
  readonly name: string;
  readonly number: number;
  readonly count: number;
  readonly onMove: (to: number) => void;
  readonly onRemove: () => void;
}) {
  const { t } = useLingui();
  const { name, number, count } = props;
  return (
    <div className="people-acts">
      <Button
        weight="quiet"
        isDisabled={number === 0}
        aria-label={t`Move ${name} up`}
        onPress={() => props.onMove(number - 1)}
      >
        ↑
      </Button>
      <Button
        weight="quiet"
        isDisabled={number + 1 >= count}
        aria-label={t`Move ${name} down`}
        onPress={() => props.onMove(number + 1)}
      >
        ↓
      </Button>
      <Button weight="quiet" aria-label={t`Remove ${name}`} onPress={props.onRemove}>
        {t`Remove`}
      </Button>
    </div>
  );
}

/** Whom a step calls: what was chosen, each with a way off, and what there is to choose from. */
function Targets(props: StepProps & { readonly onSet: (targets: readonly string[]) => void }) {
  const { t } = useLingui();
  const { step, words } = props;
  const left = props.options.filter(({ id }) => !step.targets.includes(id));
  return (
    <div className="plan-targets">
      <ul className="people-roles" aria-label={t`Whom it calls`}>
        {step.targets.map((target) => {
          const name = words(target);
          return (
            <li key={target}>
              <Button
                icon="cut"
                className="plan-target"
                aria-label={t`Call no more: ${name}`}
                onPress={() => props.onSet(step.targets.filter((each) => each !== target))}
              >
                {name}
              </Button>
            </li>
          );
        })}
      </ul>
      <Choice
        key={step.targets.length}
        label={t`Call also`}
        value=""
        options={left}
        onChange={(id) => props.onSet([...step.targets, id])}
      />
      <FieldFault fault={props.faults.get(`${props.place}.targets`)} />
    </div>
  );
}

import { useLingui as useCatalogue } from "@lingui/react";
import { useId } from "react";
import { Input, Label, TextField } from "react-aria-components";

import { Choice } from "../../../components/choice";
import { type Delay, TIME_UNITS, type TimeUnit } from "../../../state/duty/plan";
import type { PlanFault, PlanFaults } from "../../../state/duty/plan-faults";
import { PLAN_FAULT_WORDS, TIME_UNIT_WORDS } from "../words";

/** What is wrong with a field, right below it. */
export function FieldFault({ fault, id }: { readonly fault: PlanFault | undefined; id?: string }) {
  const { _ } = useCatalogue();
  if (fault === undefined) return null;
  return (
    <p id={id} className="plan-fault small" role="alert">
      {_(PLAN_FAULT_WORDS[fault])}
    </p>
  );
}

/** One line of text, and what is wrong with it. */
export function PlanText(props: {
  readonly label: string;
  readonly value: string;
  readonly place: string;
  readonly faults: PlanFaults;
  readonly onChange: (value: string) => void;
  readonly type?: "text" | "datetime-local" | "time";
  readonly isNumber?: boolean;
  readonly list?: string;
}) {
  const id = useId();
  const fault = props.faults.get(props.place);
  const isFigure = props.isNumber === true || props.type !== undefined;
  return (
    <TextField
      className={isFigure ? "field plan-figure" : "field"}
      value={props.value}
      onChange={props.onChange}
      isInvalid={fault !== undefined}
      type={props.type ?? "text"}
    >
      <Label className="field-label">{props.label}</Label>
      <Input
        className="field-input"
        inputMode={props.isNumber ? "numeric" : undefined}
        dir={isFigure ? "ltr" : "auto"}
        list={props.list}
        data-place={props.place}
        aria-describedby={fault === undefined ? undefined : id}
      />
      <FieldFault fault={fault} id={id} />
    </TextField>
  );
}

/** A time: a number and in what it is counted. */
export function DelayField(props: {
  readonly label: string;
  readonly unitLabel: string;
  readonly value: Delay;
  readonly place: string;
  readonly faults: PlanFaults;
  readonly onChange: (value: Delay) => void;
}) {
  const { _ } = useCatalogue();
  return (
    <div className="plan-delay">
      <PlanText
        label={props.label}
        value={props.value.typed}
        place={props.place}
        faults={props.faults}
        isNumber
        onChange={(typed) => props.onChange({ ...props.value, typed })}
      />
      <Choice
        label={props.unitLabel}
        value={props.value.unit}
        options={TIME_UNITS.map((id) => ({ id, label: _(TIME_UNIT_WORDS[id]) }))}
        onChange={(unit) => props.onChange({ ...props.value, unit: unit as TimeUnit })}
      />
    </div>
  );
}

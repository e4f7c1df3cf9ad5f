import type { ReactNode } from "react";
import { CheckboxGroup, Label } from "react-aria-components";

import { useFormat } from "../i18n/format";
import { CheckBox } from "./choice";

/** The days of a week as ISO 8601 counts them: from 1, Monday. */
const WEEK: readonly number[] = [1, 2, 3, 4, 5, 6, 7];

/** Chooses days of the week; they come in its order. */
export function WeekChoice(props: {
  readonly label: string;
  readonly days: readonly number[];
  readonly onChange: (days: readonly number[]) => void;
  readonly className?: string;
  /** Of what the boxes stand in. */
  readonly boxes: string;
  /** Whether the label is seen; it is read aloud in any case. */
  readonly isLabelled?: boolean;
  /** What is said beneath the boxes. */
  readonly children?: ReactNode;
}) {
  const format = useFormat();
  const { label, days, onChange, className, boxes, isLabelled = false } = props;
  return (
    <CheckboxGroup
      {...(className === undefined ? {} : { className })}
      {...(isLabelled ? {} : { "aria-label": label })}
      value={days.map(String)}
      onChange={(chosen) => onChange(chosen.map(Number).toSorted((one, other) => one - other))}
    >
      {isLabelled && <Label className="field-label">{label}</Label>}
      <span className={boxes}>
        {WEEK.map((day) => (
          <CheckBox key={day} value={String(day)}>
            {format.weekday(day)}
          </CheckBox>
        ))}
      </span>
      {props.children}
    </CheckboxGroup>
  );
}

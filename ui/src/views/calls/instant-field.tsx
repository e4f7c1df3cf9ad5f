import { useId } from "react";

import { instantOf, localOf } from "../../state/papers/zoned";
import { useDesk } from "../desk/context";
import { BothTimes } from "../record/both-times";

/** An instant, typed on our clock and shown on both. */
export function InstantField(props: {
  readonly label: string;
  /** RFC 3339, or empty. */
  readonly value: string;
  readonly parties: readonly string[];
  readonly testId: string;
  readonly onChange: (instant: string) => void;
}) {
  const id = useId();
  const { self } = useDesk();
  const zone = self?.party.time_zone ?? "UTC";
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {props.label}
      </label>
      <input
        id={id}
        className="field-input"
        type="datetime-local"
        dir="ltr"
        data-testid={props.testId}
        value={localOf(props.value, zone)}
        onChange={(typed) => props.onChange(instantOf(typed.target.value, zone) ?? "")}
      />
      {props.value !== "" && <BothTimes at={props.value} parties={props.parties} />}
    </div>
  );
}

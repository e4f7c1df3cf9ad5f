import { Trans, useLingui } from "@lingui/react/macro";
import { useId } from "react";
import { Input, Label, TextField } from "react-aria-components";

import type { ContactHours, HoursSpan } from "../../api/contact-types";
import { Button } from "../../components/button";
import { Toggle } from "../../components/choice";
import { WeekChoice } from "../../components/week-choice";
import { blankSpan, changed, SPANS_MAX, without } from "../../state/contacts/contacts";

/** When a contact is there: always, or stretches of the week in its own zone. */
export function HoursFields(props: {
  readonly hours: ContactHours | null;
  /** Of our party, to begin with. */
  readonly zone: string;
  readonly onChange: (hours: ContactHours | null) => void;
}) {
  const { t } = useLingui();
  const { hours, onChange } = props;
  const zones = useId();
  return (
    <fieldset className="contact-part">
      <legend className="field-label">
        <Trans>Hours</Trans>
      </legend>
      <Toggle
        isOn={hours === null}
        onChange={(isAlways) =>
          onChange(isAlways ? null : { zone: props.zone, spans: [blankSpan()] })
        }
      >
        <Trans>There at any hour of any day</Trans>
      </Toggle>
      {hours !== null && (
        <>
          <TextField
            className="field"
            value={hours.zone}
            onChange={(zone) => onChange({ ...hours, zone })}
            maxLength={60}
          >
            <Label className="field-label">
              <Trans>Time zone, by its place</Trans>
            </Label>
            <Input dir="ltr" list={zones} autoComplete="off" spellCheck="false" />
          </TextField>
          <datalist id={zones}>
            {Intl.supportedValuesOf("timeZone").map((zone) => (
              <option key={zone} value={zone}>
                {zone}
              </option>
            ))}
          </datalist>
          {hours.spans.map((span, at) => (
            <Span
              // A stretch has no name but its place.
              // oxlint-disable-next-line react/no-array-index-key
              key={at}
              span={span}
              onChange={(each) => onChange({ ...hours, spans: changed(hours.spans, at, each) })}
              onRemove={
                hours.spans.length > 1
                  ? () => onChange({ ...hours, spans: without(hours.spans, at) })
                  : null
              }
            />
          ))}
          {hours.spans.length < SPANS_MAX && (
            <Button
              weight="quiet"
              onPress={() => onChange({ ...hours, spans: [...hours.spans, blankSpan()] })}
            >{t`Other hours on other days`}</Button>
          )}
        </>
      )}
    </fieldset>
  );
}

function Span(props: {
  readonly span: HoursSpan;
  readonly onChange: (span: HoursSpan) => void;
  readonly onRemove: (() => void) | null;
}) {
  const { t } = useLingui();
  const { span, onChange, onRemove } = props;
  return (
    <div className="contact-span">
      <WeekChoice
        className="contact-choices"
        label={t`Days of the week`}
        days={span.days}
        onChange={(days) => onChange({ ...span, days })}
        boxes="contact-boxes"
      />
      <TextField
        className="field"
        type="time"
        value={span.begins}
        onChange={(begins) => onChange({ ...span, begins })}
      >
        <Label className="field-label">
          <Trans>From</Trans>
        </Label>
        <Input />
      </TextField>
      <TextField
        className="field"
        type="time"
        value={span.ends === "24:00" ? "00:00" : span.ends}
        onChange={(ends) => onChange({ ...span, ends })}
      >
        <Label className="field-label">
          <Trans>Until; if earlier, on the next day</Trans>
        </Label>
        <Input />
      </TextField>
      {onRemove !== null && (
        <Button weight="quiet" icon="close" isIconOnly onPress={onRemove}>
          {t`Leave out these hours`}
        </Button>
      )}
    </div>
  );
}

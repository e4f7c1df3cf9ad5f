import { Trans, useLingui } from "@lingui/react/macro";
import { useId } from "react";
import { Input, Label, TextArea, TextField } from "react-aria-components";

import type { PartyId } from "../../api/types";
import { Toggle } from "../../components/choice";
import { WeekChoice } from "../../components/week-choice";
import { usualMorning, withMorning, type MorningDraft } from "../../state/agreement/mornings";
import { useDesk } from "../desk/context";

/** By whose next business morning a routine alert must be acknowledged, party by party. */
export function MorningsFields(props: {
  readonly party: PartyId;
  readonly mornings: readonly MorningDraft[];
  readonly onChange: (mornings: readonly MorningDraft[]) => void;
}) {
  const { self, lines } = useDesk();
  const other = lines?.find((line) => line.party.id === props.party)?.party;
  const parties = [self?.party, other].filter((each) => each !== undefined);
  return parties.map(({ id, name, time_zone }) => (
    <Mornings
      key={id}
      name={name}
      usual={usualMorning(id, time_zone)}
      morning={props.mornings.find((each) => each.party === id) ?? null}
      onChange={(morning) => props.onChange(withMorning(props.mornings, id, morning))}
    />
  ));
}

function Mornings(props: {
  readonly name: string;
  readonly usual: MorningDraft;
  readonly morning: MorningDraft | null;
  readonly onChange: (morning: MorningDraft | null) => void;
}) {
  const { name, usual, morning, onChange } = props;
  return (
    <>
      <Toggle isOn={morning !== null} onChange={(isOn) => onChange(isOn ? usual : null)}>
        <Trans>A routine alert to {name} may wait for its next business morning</Trans>
      </Toggle>
      {morning !== null && <MorningFields morning={morning} name={name} onChange={onChange} />}
    </>
  );
}

function MorningFields(props: {
  readonly morning: MorningDraft;
  readonly name: string;
  readonly onChange: (morning: MorningDraft) => void;
}) {
  const { t } = useLingui();
  const zones = useId();
  const { morning, name, onChange } = props;
  return (
    <fieldset className="terms-limits" data-testid="morning">
      <legend className="field-label">{t`Business mornings of ${name}`}</legend>
      <WeekChoice
        label={t`Working days`}
        days={morning.days}
        onChange={(days) => onChange({ ...morning, days })}
        boxes="terms-levels"
      />
      <div className="filters">
        <TextField
          className="field"
          type="time"
          value={morning.at}
          onChange={(at) => onChange({ ...morning, at })}
        >
          <Label className="field-label">{t`The morning begins at`}</Label>
          <Input />
        </TextField>
        <TextField
          className="field"
          value={morning.zone}
          onChange={(zone) => onChange({ ...morning, zone })}
          maxLength={60}
        >
          <Label className="field-label">{t`Time zone, by its place`}</Label>
          <Input dir="ltr" list={zones} autoComplete="off" spellCheck="false" />
        </TextField>
        <datalist id={zones}>
          {Intl.supportedValuesOf("timeZone").map((zone) => (
            <option key={zone} value={zone}>
              {zone}
            </option>
          ))}
        </datalist>
      </div>
      <TextField
        className="field"
        value={morning.holidays}
        onChange={(holidays) => onChange({ ...morning, holidays })}
      >
        <Label className="field-label">
          {t`Holidays, a date on each line, as 2027-03-21; none if left empty`}
        </Label>
        <TextArea dir="ltr" rows={3} spellCheck="false" />
      </TextField>
    </fieldset>
  );
}

import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { useId } from "react";
import { CheckboxGroup, Input, Label, TextArea, TextField } from "react-aria-components";

import { ACCEPTED, PROFILES } from "../../api/terms-types";
import type { PartyId } from "../../api/types";
import { CheckBox, Choice, Toggle } from "../../components/choice";
import type { LimitsDraft, TermFaults, TermsDraft } from "../../state/agreement/terms";
import { ACCEPTED_WORDS, PROFILE_WORDS } from "../checks/words";
import { ALERT_LEVEL_WORDS, PRECEDENCE_WORDS } from "../watch/words";
import { MorningsFields } from "./mornings-fields";
import { TERM_FAULT_WORDS, TERM_WORDS } from "./words";

const WHOLE_TERMS = ["account_days", "readout_hours", "code_minutes"] as const;

interface FormProps {
  readonly draft: TermsDraft;
  readonly faults: TermFaults;
  readonly onChange: (draft: TermsDraft) => void;
}

/** The terms of a version that is proposed, field by field. */
export function TermsForm(props: FormProps & { readonly party: PartyId }) {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  const { draft, faults } = props;
  const change = (part: Partial<TermsDraft>) => props.onChange({ ...draft, ...part });
  const [first, second] = draft.civil_hours;
  return (
    <div className="propose">
      {draft.limits.map((limits, index) => (
        <LimitsRow
          key={limits.precedence}
          limits={limits}
          faults={faults}
          onChange={(changed) => change({ limits: draft.limits.with(index, changed) })}
        />
      ))}
      <div className="filters">
        <Figure
          label={t`Hours to answer a call request`}
          value={draft.call_hours}
          name="call_hours"
          faults={faults}
          onChange={(call_hours) => change({ call_hours })}
        />
        <Figure
          label={t`Hours to clarify a notification`}
          value={draft.clarification_hours}
          name="clarification_hours"
          faults={faults}
          onChange={(clarification_hours) => change({ clarification_hours })}
        />
      </div>
      <div className="filters">
        <Choice
          label={_(TERM_WORDS["checks"]!)}
          value={draft.checks}
          options={PROFILES.map((id) => ({ id, label: _(PROFILE_WORDS[id]!) }))}
          onChange={(id) => change({ checks: PROFILES.find((each) => each === id) ?? "civil" })}
        />
        <Figure
          label={t`First check of a day, hour of UTC`}
          value={first}
          name="civil_hours"
          faults={faults}
          onChange={(typed) => change({ civil_hours: [typed, second] })}
        />
        <Figure
          label={t`Second check of a day, hour of UTC`}
          value={second}
          name="civil_hours"
          faults={faults}
          onChange={(typed) => change({ civil_hours: [first, typed] })}
        />
      </div>
      <LevelsField {...props} />
      <div className="filters">
        <Lines
          label={t`Languages of texts, a code on each line; none for those of both parties`}
          value={draft.languages}
          onChange={(languages) => change({ languages })}
        />
        <Lines
          label={t`Types of notification, an id on each line; none for each as it is agreed`}
          value={draft.types}
          onChange={(types) => change({ types })}
        />
      </div>
      <Choice
        label={_(TERM_WORDS["suspended_alerts"]!)}
        value={draft.suspended_alerts}
        options={ACCEPTED.map((id) => ({ id, label: _(ACCEPTED_WORDS[id]) }))}
        onChange={(id) =>
          change({ suspended_alerts: ACCEPTED.find((each) => each === id) ?? "flash" })
        }
      />
      <WholeFields {...props} />
      <SharedFields {...props} />
      <MorningsFields
        party={props.party}
        mornings={draft.mornings}
        onChange={(mornings) => change({ mornings })}
      />
      {[...faults.values()].includes("no_morning") && (
        <p className="terms-fault small" role="alert">
          {_(TERM_FAULT_WORDS.no_morning)}
        </p>
      )}
    </div>
  );
}

/** What is told on: of our escalation to the other party, of acknowledgements to other recipients. */
function SharedFields({ draft, onChange }: FormProps) {
  return (
    <>
      <Toggle
        isOn={draft.shares_escalation}
        onChange={(shares_escalation) => onChange({ ...draft, shares_escalation })}
      >
        <Trans>Tell the other party which step of our escalation is reached</Trans>
      </Toggle>
      <Toggle
        isOn={draft.shares_acknowledgements}
        onChange={(shares_acknowledgements) => onChange({ ...draft, shares_acknowledgements })}
      >
        <Trans>Tell the recipients of an alert who of the others acknowledged it</Trans>
      </Toggle>
    </>
  );
}

/** Days, hours and minutes that bind both parties alike. */
function WholeFields({ draft, faults, onChange }: FormProps) {
  const { _ } = useCatalogue();
  return (
    <div className="filters">
      {WHOLE_TERMS.map((name) => (
        <Figure
          key={name}
          label={_(TERM_WORDS[name]!)}
          value={draft[name]}
          name={name}
          faults={faults}
          onChange={(typed) => onChange({ ...draft, [name]: typed })}
        />
      ))}
    </div>
  );
}

function LevelsField({ draft, onChange }: FormProps) {
  const { _ } = useCatalogue();
  return (
    <CheckboxGroup
      className="field"
      value={[...draft.levels]}
      onChange={(chosen) => {
        const kept = draft.levels.filter((each) => chosen.includes(each));
        const added = chosen.filter((each) => !kept.includes(each));
        onChange({ ...draft, levels: [...kept, ...added] });
      }}
    >
      <Label className="field-label">{_(TERM_WORDS["levels"]!)}</Label>
      <div className="terms-levels">
        {Object.entries(ALERT_LEVEL_WORDS).map(([id, words]) => (
          <CheckBox key={id} value={id}>
            {_(words)}
          </CheckBox>
        ))}
      </div>
    </CheckboxGroup>
  );
}

function LimitsRow(props: {
  readonly limits: LimitsDraft;
  readonly faults: TermFaults;
  readonly onChange: (limits: LimitsDraft) => void;
}) {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  const { limits, faults } = props;
  const name = `limits.${limits.precedence}`;
  const change = (part: Partial<LimitsDraft>) => props.onChange({ ...limits, ...part });
  return (
    <fieldset className="terms-limits">
      <legend className="field-label">{_(PRECEDENCE_WORDS[limits.precedence])}</legend>
      <div className="filters">
        <Figure
          label={t`Minutes to acknowledge, aim`}
          value={limits.target}
          name={`${name}.target`}
          faults={faults}
          onChange={(target) => change({ target })}
        />
        <Figure
          label={t`Minutes to acknowledge, limit`}
          value={limits.limit}
          name={`${name}.limit`}
          faults={faults}
          onChange={(limit) => change({ limit })}
        />
        <Figure
          label={t`Minutes to answer after that`}
          value={limits.answer}
          name={`${name}.answer`}
          faults={faults}
          onChange={(after) => change({ answer: after })}
        />
      </div>
    </fieldset>
  );
}

function Figure(props: {
  readonly label: string;
  readonly value: string;
  readonly name: string;
  readonly faults: TermFaults;
  readonly onChange: (typed: string) => void;
}) {
  const { _ } = useCatalogue();
  const id = useId();
  const fault = props.faults.get(props.name);
  return (
    <TextField
      className="field"
      value={props.value}
      onChange={props.onChange}
      isInvalid={fault !== undefined}
    >
      <Label className="field-label">{props.label}</Label>
      <Input
        className="field-input"
        inputMode="decimal"
        dir="ltr"
        data-term={props.name}
        {...(fault === undefined ? {} : { "aria-describedby": id })}
      />
      {fault !== undefined && (
        <p id={id} className="terms-fault small" role="alert">
          {_(TERM_FAULT_WORDS[fault])}
        </p>
      )}
    </TextField>
  );
}

function Lines(props: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (typed: string) => void;
}) {
  return (
    <TextField className="field" value={props.value} onChange={props.onChange}>
      <Label className="field-label">{props.label}</Label>
      <TextArea dir="ltr" rows={3} spellCheck="false" />
    </TextField>
  );
}

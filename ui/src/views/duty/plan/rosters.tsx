import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";

import { type PlanAnswer, SHIFT_UNITS, type ShiftUnit } from "../../../api/duty-types";
import { Button } from "../../../components/button";
import { Choice } from "../../../components/choice";
import { WeekChoice } from "../../../components/week-choice";
import {
  type HoursDraft,
  isCalled,
  moved,
  newRoster,
  type PlanDraft,
  type RosterDraft,
  type RotationDraft,
} from "../../../state/duty/plan";
import type { PlanFaults } from "../../../state/duty/plan-faults";
import { useDesk } from "../../desk/context";
import { SHIFT_UNIT_WORDS } from "../words";
import { FieldFault, PlanText } from "./fault";
import { RowActs } from "./policies";

const ZONES = "plan-zones";

interface PartProps {
  readonly answer: PlanAnswer;
  readonly draft: PlanDraft;
  readonly faults: PlanFaults;
  readonly onChange: (draft: PlanDraft) => void;
}

/** Every roster: who stands watch in which office, in which order and hours. */
export function RostersEditor(props: PartProps) {
  const { t } = useLingui();
  const { self } = useDesk();
  const { draft } = props;
  const setRosters = (rosters: readonly RosterDraft[], next = draft.next) =>
    props.onChange({ ...draft, rosters, next });
  const add = () => {
    const zone = self?.party.time_zone ?? "UTC";
    setRosters([...draft.rosters, newRoster(draft, "", zone)], draft.next + 1);
  };
  return (
    <div className="plan-policy">
      {draft.rosters.length === 0 && (
        <p className="small soft">
          <Trans>
            No watches are planned: the policies call roles and people, whatever the hour.
          </Trans>
        </p>
      )}
      <ol className="plan-rows">
        {draft.rosters.map((roster, index) => (
          <RosterRow
            key={roster.id}
            {...props}
            roster={roster}
            place={`rosters.${index}`}
            onSet={(changed, next = draft.next) =>
              setRosters(draft.rosters.with(index, changed), next)
            }
            onRemove={() => setRosters(draft.rosters.toSpliced(index, 1))}
          />
        ))}
      </ol>
      <div>
        <Button data-testid="add-roster" onPress={add}>{t`Add a watch`}</Button>
      </div>
      <datalist id={ZONES}>
        {Intl.supportedValuesOf("timeZone").map((zone) => (
          <option key={zone} value={zone}>
            {zone}
          </option>
        ))}
      </datalist>
    </div>
  );
}

interface RosterProps extends PartProps {
  readonly roster: RosterDraft;
  readonly place: string;
  readonly onSet: (roster: RosterDraft, next?: number) => void;
  readonly onRemove: () => void;
}

function RosterRow(props: RosterProps) {
  const { t } = useLingui();
  const { roster, draft, place, faults } = props;
  const name = roster.name.trim() === "" ? t`New watch` : roster.name;
  const isUsed = isCalled(draft, roster);
  const change = (part: Partial<RosterDraft>, next?: number) =>
    props.onSet({ ...roster, ...part }, next);
  const add = () => {
    const rotation: RotationDraft = {
      id: draft.next,
      name: roster.rotations.length === 0 ? t`Rotation` : "",
      people: [],
      starts: "",
      length: "1",
      unit: "days",
      hours: [],
    };
    change({ rotations: [...roster.rotations, rotation] }, draft.next + 1);
  };
  return (
    <li className="plan-row" aria-label={name}>
      <div className="plan-row-head">
        <h4>
          <bdi>{name}</bdi>
        </h4>
        <Button
          weight="quiet"
          isDisabled={isUsed}
          aria-label={t`Remove ${name}`}
          onPress={props.onRemove}
        >
          {t`Remove`}
        </Button>
      </div>
      {isUsed && (
        <p className="small soft">
          <Trans>Steps call this watch: it can be removed once none does.</Trans>
        </p>
      )}
      <div className="plan-fields">
        <PlanText
          label={t`Name of the watch`}
          value={roster.name}
          place={`${place}.name`}
          faults={faults}
          onChange={(typed) => change({ name: typed })}
        />
        <OfficeChoice {...props} onChoose={(office) => change({ office })} />
        <PlanText
          label={t`Its clock on the wall`}
          value={roster.zone}
          place={`${place}.zone`}
          faults={faults}
          list={ZONES}
          onChange={(zone) => change({ zone })}
        />
      </div>
      <ol className="plan-rows">
        {roster.rotations.map((rotation, number) => (
          <RotationRow
            key={rotation.id}
            {...props}
            rotation={rotation}
            number={number}
            place={`${place}.rotations.${number}`}
            onSetRotation={(changed, next) =>
              change({ rotations: roster.rotations.with(number, changed) }, next)
            }
            onMove={(to) => change({ rotations: moved(roster.rotations, number, to) })}
            onRemove={() => change({ rotations: roster.rotations.toSpliced(number, 1) })}
          />
        ))}
      </ol>
      <div>
        <Button aria-label={t`Add a rotation to ${name}`} onPress={add}>{t`Add a rotation`}</Button>
      </div>
    </li>
  );
}

function OfficeChoice(props: RosterProps & { readonly onChoose: (office: string) => void }) {
  const { t } = useLingui();
  return (
    <div className="field">
      <Choice
        label={t`Office`}
        value={props.roster.office}
        options={props.answer.offices.map(({ id, name }) => ({ id, label: name }))}
        onChange={props.onChoose}
      />
      <FieldFault fault={props.faults.get(`${props.place}.office`)} />
    </div>
  );
}

interface RotationProps extends RosterProps {
  readonly rotation: RotationDraft;
  readonly number: number;
  readonly onSetRotation: (rotation: RotationDraft, next?: number) => void;
  readonly onMove: (to: number) => void;
}

function RotationRow(props: RotationProps) {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  const { rotation, roster, draft, place, faults, number } = props;
  const name = rotation.name.trim() === "" ? t`New rotation` : rotation.name;
  const change = (part: Partial<RotationDraft>, next?: number) =>
    props.onSetRotation({ ...rotation, ...part }, next);
  return (
    <li className="plan-row" aria-label={name}>
      <div className="plan-row-head">
        <h5>
          <bdi>{name}</bdi>{" "}
          {number > 0 && <span className="soft small">{t`lies over those above it`}</span>}
        </h5>
        <RowActs
          name={name}
          number={number}
          count={roster.rotations.length}
          onMove={props.onMove}
          onRemove={props.onRemove}
        />
      </div>
      <div className="plan-fields">
        <PlanText
          label={t`Name`}
          value={rotation.name}
          place={`${place}.name`}
          faults={faults}
          onChange={(typed) => change({ name: typed })}
        />
        <PlanText
          label={t`First hand-over, by that clock`}
          value={rotation.starts}
          place={`${place}.starts`}
          faults={faults}
          type="datetime-local"
          onChange={(starts) => change({ starts })}
        />
        <PlanText
          label={t`Each shift lasts`}
          value={rotation.length}
          place={`${place}.length`}
          faults={faults}
          isNumber
          onChange={(length) => change({ length })}
        />
        <Choice
          label={t`Counted in`}
          value={rotation.unit}
          options={SHIFT_UNITS.map((id) => ({ id, label: _(SHIFT_UNIT_WORDS[id]) }))}
          onChange={(unit) => change({ unit: unit as ShiftUnit })}
        />
      </div>
      <People {...props} onSet={(people) => change({ people })} />
      {rotation.hours.map((hours, index) => (
        <HoursRow
          key={hours.id}
          hours={hours}
          place={`${place}.hours.${index}`}
          faults={faults}
          onChange={(changed) => change({ hours: rotation.hours.with(index, changed) })}
          onRemove={() => change({ hours: rotation.hours.toSpliced(index, 1) })}
        />
      ))}
      <div>
        <Button
          weight="quiet"
          onPress={() =>
            change(
              {
                hours: [
                  ...rotation.hours,
                  { id: draft.next, days: [1, 2, 3, 4, 5], start: "08:00", end: "20:00" },
                ],
              },
              draft.next + 1,
            )
          }
        >
          {t`Only at certain hours`}
        </Button>
      </div>
    </li>
  );
}

/** Who follows whom: an order, in which the same person may stand twice. */
function People(
  props: Omit<RotationProps, "onSet"> & { readonly onSet: (people: readonly string[]) => void },
) {
  const { t } = useLingui();
  const { rotation, answer } = props;
  const nameOf = (id: string) => answer.people.find((each) => each.id === id)?.name ?? id;
  return (
    <div className="plan-targets">
      <ol className="plan-people" aria-label={t`Who follows whom`}>
        {rotation.people.map((id, number) => (
          // The same person may stand twice in an order, so the place is part of the key.
          // oxlint-disable-next-line react/no-array-index-key
          <li key={`${id}-${number}`} className="plan-row-head">
            <bdi>{nameOf(id)}</bdi>
            <RowActs
              name={nameOf(id)}
              number={number}
              count={rotation.people.length}
              onMove={(to) => props.onSet(moved(rotation.people, number, to))}
              onRemove={() => props.onSet(rotation.people.toSpliced(number, 1))}
            />
          </li>
        ))}
      </ol>
      <Choice
        key={rotation.people.length}
        label={t`Who comes next`}
        value=""
        options={answer.people.map(({ id, name }) => ({ id, label: name }))}
        onChange={(id) => props.onSet([...rotation.people, id])}
      />
      <FieldFault fault={props.faults.get(`${props.place}.people`)} />
    </div>
  );
}

function HoursRow(props: {
  readonly hours: HoursDraft;
  readonly place: string;
  readonly faults: PlanFaults;
  readonly onChange: (hours: HoursDraft) => void;
  readonly onRemove: () => void;
}) {
  const { t } = useLingui();
  const { hours, place, faults } = props;
  return (
    <div className="plan-hours">
      <WeekChoice
        className="field"
        label={t`It counts on`}
        days={hours.days}
        onChange={(days) => props.onChange({ ...hours, days })}
        boxes="plan-days"
        isLabelled
      >
        <FieldFault fault={faults.get(`${place}.days`)} />
      </WeekChoice>
      <div className="plan-fields">
        <PlanText
          label={t`From`}
          value={hours.start}
          place={`${place}.start`}
          faults={faults}
          onChange={(start) => props.onChange({ ...hours, start })}
        />
        <PlanText
          label={t`Until; if earlier, on the next day`}
          value={hours.end}
          place={`${place}.end`}
          faults={faults}
          onChange={(end) => props.onChange({ ...hours, end })}
        />
        <Button weight="quiet" onPress={props.onRemove}>{t`At all hours`}</Button>
      </div>
    </div>
  );
}

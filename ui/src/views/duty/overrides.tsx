import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useRef, useState } from "react";
import { Form, Input, Label, TextField } from "react-aria-components";

import { endOverride, makeOverride } from "../../api/duty";
import type { Override, Roster, Shift } from "../../api/duty-types";
import { Button } from "../../components/button";
import { Chip } from "../../components/chip";
import { Choice } from "../../components/choice";
import { useNow } from "../../components/now";
import { useFormat } from "../../i18n/format";
import { instantOf, localOf } from "../../state/papers/zoned";
import { Problem } from "../problem";

const NOBODY = "nobody";

/** A shift of a roster. */
export interface Chosen {
  readonly roster: string;
  readonly shift: Shift;
}

/** Exceptions to the rosters: who stands in for whom, and for how long. */
export function Overrides(props: {
  readonly rosters: readonly Roster[];
  readonly overrides: readonly Override[];
  /** A shift that was chosen above, to be given to somebody else. */
  readonly chosen: Chosen | null;
  readonly onDone: () => void;
}) {
  const { t } = useLingui();
  const format = useFormat();
  const queries = useQueryClient();
  const end = useMutation({
    mutationFn: endOverride,
    onSuccess: async () => queries.invalidateQueries({ queryKey: ["duty"] }),
  });
  return (
    <section className="card people-card" aria-labelledby="overrides-title">
      <h2 id="overrides-title" className="desk-title">{t`Exceptions`}</h2>
      {props.overrides.length === 0 && (
        <p className="small soft">
          <Trans>No exceptions: everybody stands their own watches.</Trans>
        </p>
      )}
      <ul className="people-list">
        {props.overrides.map((each) => {
          const roster = props.rosters.find(({ key }) => key === each.roster);
          const zone = roster?.zone ?? "UTC";
          return (
            <li key={each.id} className="people-item">
              <div>
                <bdi>{roster?.name ?? each.roster}</bdi>:{" "}
                {each.person === null ? (
                  <Chip tone="cut">{t`Nobody`}</Chip>
                ) : (
                  <bdi>{each.name}</bdi>
                )}
                <span className="small soft">
                  {" "}
                  {format.instant(each.starts_at, zone)} – {format.instant(each.ends_at, zone)}
                </span>
              </div>
              <Button isDisabled={end.isPending} onPress={() => end.mutate(each.id)}>
                {t`Take back`}
              </Button>
            </li>
          );
        })}
      </ul>
      <Problem error={end.error} />
      <OverrideForm
        key={`${props.chosen?.roster}${props.chosen?.shift.starts_at}`}
        rosters={props.rosters}
        chosen={props.chosen}
        onDone={props.onDone}
      />
    </section>
  );
}

/** Times are those of the watch's own clock: whoever stands in reads the same one. */
function OverrideForm(props: {
  readonly rosters: readonly Roster[];
  readonly chosen: Chosen | null;
  readonly onDone: () => void;
}) {
  const { t } = useLingui();
  const format = useFormat();
  const queries = useQueryClient();
  const form = useRef<HTMLFormElement>(null);
  const now = useNow();
  const { rosters, chosen } = props;
  const [key, setKey] = useState(chosen?.roster ?? rosters[0]?.key ?? "");
  const roster = rosters.find((each) => each.key === key);
  const zone = roster?.zone ?? "UTC";
  const [person, setPerson] = useState(
    roster?.members.find(({ id }) => id !== chosen?.shift.person)?.id ?? NOBODY,
  );
  const [from, setFrom] = useState(localOf(chosen?.shift.starts_at ?? "", zone));
  const [until, setUntil] = useState(localOf(chosen?.shift.ends_at ?? "", zone));
  const make = useMutation({
    mutationFn: makeOverride,
    onSuccess: async () => {
      props.onDone();
      await queries.invalidateQueries({ queryKey: ["duty"] });
    },
  });
  useEffect(() => {
    if (chosen === null) return;
    form.current?.scrollIntoView({ block: "center" });
    form.current?.querySelectorAll("button")[1]?.focus();
  }, [chosen]);
  const starts_at = instantOf(from, zone);
  const ends_at = instantOf(until, zone);
  const isWhole = starts_at !== null && ends_at !== null;
  const isBackward = isWhole && Date.parse(starts_at) >= Date.parse(ends_at);
  return (
    <Form
      ref={form}
      className="people-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isWhole || isBackward) return;
        make.mutate({ roster: key, person: person === NOBODY ? null : person, starts_at, ends_at });
      }}
    >
      <div className="plan-fields">
        <Choice
          label={t`Watch`}
          value={key}
          options={rosters.map((each) => ({ id: each.key, label: each.name }))}
          onChange={setKey}
        />
        <Choice
          label={t`Who stands in`}
          value={person}
          options={[
            ...(roster?.members ?? []).map(({ id, name }) => ({ id, label: name })),
            { id: NOBODY, label: t`Nobody` },
          ]}
          onChange={setPerson}
        />
        <Times
          from={from}
          until={until}
          isBackward={isBackward}
          onFrom={setFrom}
          onUntil={setUntil}
        />
      </div>
      <p className="small soft">
        <Trans>By the clock of the watch: {format.zone(zone, now)}</Trans>
      </p>
      {person === NOBODY && (
        <p className="small soft">
          <Trans>
            A watch without anybody is warned of a day ahead, and then calls the releasers.
          </Trans>
        </p>
      )}
      <Problem error={make.error} />
      <Button
        type="submit"
        isDisabled={!isWhole || isBackward || make.isPending}
        data-testid="make-override"
      >
        {t`Make the exception`}
      </Button>
    </Form>
  );
}

/** From when until when; an end before its beginning is said beside it. */
function Times(props: {
  readonly from: string;
  readonly until: string;
  readonly isBackward: boolean;
  readonly onFrom: (typed: string) => void;
  readonly onUntil: (typed: string) => void;
}) {
  const { t } = useLingui();
  const { from, until, isBackward, onFrom, onUntil } = props;
  return (
    <>
      <TextField className="field" value={from} onChange={onFrom} type="datetime-local">
        <Label className="field-label">{t`From`}</Label>
        <Input dir="ltr" />
      </TextField>
      <TextField
        className="field"
        value={until}
        onChange={onUntil}
        type="datetime-local"
        isInvalid={isBackward}
      >
        <Label className="field-label">{t`Until`}</Label>
        <Input dir="ltr" />
        {isBackward && (
          <p className="plan-fault small" role="alert">
            <Trans>It ends before it begins.</Trans>
          </p>
        )}
      </TextField>
    </>
  );
}

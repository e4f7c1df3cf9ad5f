import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Form, Input, Label, TextField } from "react-aria-components";

import { endOverride, makeOverride } from "../../api/duty";
import type { Override, Roster } from "../../api/duty-types";
import { Button } from "../../components/button";
import { Chip } from "../../components/chip";
import { Choice } from "../../components/choice";
import { useFormat } from "../../i18n/format";
import { Problem } from "../problem";

const NOBODY = "nobody";

/** Exceptions to the rosters: who stands in for whom, and for how long. */
export function Overrides(props: {
  readonly rosters: readonly Roster[];
  readonly overrides: readonly Override[];
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
      <OverrideForm rosters={props.rosters} />
    </section>
  );
}

function OverrideForm({ rosters }: { readonly rosters: readonly Roster[] }) {
  const { t } = useLingui();
  const queries = useQueryClient();
  const [key, setKey] = useState(rosters[0]?.key ?? "");
  const [person, setPerson] = useState(NOBODY);
  const [from, setFrom] = useState("");
  const [until, setUntil] = useState("");
  const roster = rosters.find((each) => each.key === key);
  const make = useMutation({
    mutationFn: makeOverride,
    onSuccess: async () => queries.invalidateQueries({ queryKey: ["duty"] }),
  });
  const isWhole = from !== "" && until !== "" && Date.parse(from) < Date.parse(until);
  return (
    <Form
      className="people-form"
      onSubmit={(event) => {
        event.preventDefault();
        make.mutate({
          roster: key,
          person: person === NOBODY ? null : person,
          starts_at: new Date(from).toISOString(),
          ends_at: new Date(until).toISOString(),
        });
      }}
    >
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
      <TextField className="field" value={from} onChange={setFrom} type="datetime-local">
        <Label>{t`From, by the clock of this browser`}</Label>
        <Input />
      </TextField>
      <TextField className="field" value={until} onChange={setUntil} type="datetime-local">
        <Label>{t`Until`}</Label>
        <Input />
      </TextField>
      {person === NOBODY && (
        <p className="small soft">
          <Trans>
            A watch without anybody is warned of a day ahead, and then calls the releasers.
          </Trans>
        </p>
      )}
      <Problem error={make.error} />
      <Button type="submit" isDisabled={!isWhole || make.isPending} data-testid="make-override">
        {t`Make the exception`}
      </Button>
    </Form>
  );
}

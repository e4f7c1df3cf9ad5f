import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useLingui as useCatalogue } from "@lingui/react";
import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Input, Label, TextField } from "react-aria-components";

import {
  CAPACITIES,
  type Capacity,
  changeDoor,
  type Door,
  type NamedHere,
  readDoor,
} from "../../api/doors";
import { readOffices, readPeople } from "../../api/people";
import { Button } from "../../components/button";
import { Chip } from "../../components/chip";
import { Choice } from "../../components/choice";
import { Problem } from "../problem";
import { useBinding } from "../step-up";

const SHOWN_MAX = 80;
const CAPACITY_WORDS = {
  official: msg`Official`,
  interpreter: msg`Interpreter`,
  staff: msg`Staff`,
} as const;

/** Who of our party may enter a room, and the way to change it for whoever may. */
export default function DoorCard({ where }: { readonly where: string }) {
  const { t } = useLingui();
  const [isChanging, setChanging] = useState(false);
  const read = useQuery({ queryKey: ["door", where], queryFn: async () => readDoor(where) });
  const door = read.data;
  return (
    <section className="card paper-acts" aria-label={t`Who may enter`} data-testid="door">
      <h2 className="desk-title">
        <Trans>Who of our party may enter</Trans>
      </h2>
      <Problem error={read.error} />
      {door !== undefined && (
        <>
          <Listed door={door} />
          {door.may_change && !isChanging && (
            <Button
              weight="quiet"
              icon="people"
              data-testid="door-change"
              onPress={() => setChanging(true)}
            >
              {t`Name who may enter`}
            </Button>
          )}
          {isChanging && <Change where={where} door={door} onDone={() => setChanging(false)} />}
        </>
      )}
    </section>
  );
}

function Listed({ door }: { readonly door: Door }) {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  if (!door.is_restricted) {
    return <p className="small">{t`Everybody of ours who may sit in rooms.`}</p>;
  }
  return (
    <>
      <ul className="paper-due">
        {door.named.map((each) => (
          <li key={each.person ?? each.office}>
            <span>
              <bdi>{each.name}</bdi> <Chip tone="noted">{_(CAPACITY_WORDS[each.capacity])}</Chip>
            </span>
            <Seen shown={each.shown_as ?? door.official} />
          </li>
        ))}
      </ul>
      {door.named.length === 0 && (
        <p className="small">{t`Nobody of ours yet. A releaser names who enters.`}</p>
      )}
      {!door.is_set && (
        <p className="small soft">
          <Trans>
            Nobody has made a list: who spoke for us about this call enters, and the office that the
            request names.
          </Trans>
        </p>
      )}
      <p className="small soft">
        <Trans>
          The other party names its own people. Neither side learns the other's accounts.
        </Trans>
      </p>
      {!door.may_enter && <p className="small">{t`You are not one of them.`}</p>}
    </>
  );
}

function Seen({ shown }: { readonly shown: string | null }) {
  if (shown === null) return null;
  return (
    <span className="small soft">
      <Trans>
        seen in the room as <bdi>{shown}</bdi>
      </Trans>
    </span>
  );
}

function Change(props: {
  readonly where: string;
  readonly door: Door;
  readonly onDone: () => void;
}) {
  const { where, door, onDone } = props;
  const { t } = useLingui();
  const [named, setNamed] = useState<readonly NamedHere[]>(door.named);
  const queries = useQueryClient();
  const change = useBinding(
    async (list: readonly NamedHere[] | null) =>
      changeDoor(where, list?.map(({ name: _name, ...each }) => each) ?? null),
    () => {
      void queries.invalidateQueries({ queryKey: ["door", where] });
      onDone();
    },
  );
  return (
    <>
      <ul className="paper-due">
        {named.map((each) => (
          <li key={each.person ?? each.office}>
            <bdi>{each.name}</bdi>
            <Button
              weight="quiet"
              icon="close"
              onPress={() => setNamed(named.filter((other) => other !== each))}
            >
              {t`Take ${each.name} off`}
            </Button>
          </li>
        ))}
      </ul>
      <Add
        isCall={door.official !== null}
        taken={named}
        onAdd={(each) => setNamed([...named, each])}
      />
      <Problem error={change.error} />
      {change.sheet}
      <div className="sheet-acts">
        <Button onPress={onDone}>{t`Leave it as it is`}</Button>
        {door.is_set && (
          <Button isDisabled={change.isPending} onPress={() => change.run(null)}>
            {door.official === null ? t`Let everybody in again` : t`Leave it to the request`}
          </Button>
        )}
        <Button
          weight="primary"
          data-testid="door-keep"
          isDisabled={change.isPending || named.length === 0}
          onPress={() => change.run(named)}
        >
          {t`Let these alone in`}
        </Button>
      </div>
    </>
  );
}

function Add(props: {
  readonly isCall: boolean;
  readonly taken: readonly NamedHere[];
  readonly onAdd: (each: NamedHere) => void;
}) {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  const [who, setWho] = useState("");
  const [capacity, setCapacity] = useState<Capacity>("official");
  const [shown, setShown] = useState("");
  const people = useQuery({ queryKey: ["people"], queryFn: readPeople });
  const offices = useQuery({ queryKey: ["offices"], queryFn: readOffices });
  const taken = new Set(props.taken.map((each) => each.person ?? each.office));
  const ours = [
    ...(offices.data ?? [])
      .filter((each) => each.closed_at === null)
      .map(({ id, name }) => ({ id, label: name, isOffice: true })),
    ...(people.data ?? [])
      .filter((each) => each.revoked_at === null)
      .map(({ id, name }) => ({ id, label: name, isOffice: false })),
  ].filter((each) => !taken.has(each.id));
  const chosen = ours.find((each) => each.id === who);
  const words = shown.trim();
  // The other side must not take an interpreter or a note-taker for the official.
  const isLacking = props.isCall && capacity !== "official" && words === "";
  return (
    <div className="paper-acts">
      <Choice label={t`Office or person`} options={ours} value={who} onChange={setWho} />
      <Choice
        label={t`Enters as`}
        options={CAPACITIES.map((each) => ({ id: each, label: _(CAPACITY_WORDS[each]) }))}
        value={capacity}
        onChange={(id) => setCapacity(CAPACITIES.find((each) => each === id) ?? "official")}
      />
      <TextField className="field" value={shown} onChange={setShown} maxLength={SHOWN_MAX}>
        <Label className="field-label">
          <Trans>What everybody in the room sees instead of the name</Trans>
        </Label>
        <Input dir="auto" />
      </TextField>
      <Button
        icon="people"
        data-testid="door-add"
        isDisabled={chosen === undefined || isLacking}
        onPress={() => {
          if (chosen === undefined) return;
          const { id, label, isOffice } = chosen;
          props.onAdd({
            capacity,
            person: isOffice ? null : id,
            office: isOffice ? id : null,
            name: label,
            shown_as: words === "" ? null : words,
          });
          setWho("");
          setShown("");
        }}
      >
        {t`Add`}
      </Button>
    </div>
  );
}

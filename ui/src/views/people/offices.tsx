import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { CheckboxGroup, Form, Input, Label, TextField } from "react-aria-components";

import { openOffice, passDuty, readOffices, readPeople } from "../../api/people";
import type { Office } from "../../api/people-types";
import { Button } from "../../components/button";
import { CheckBox, Choice } from "../../components/choice";
import { Chip } from "../../components/chip";
import { Empty } from "../../components/notice";
import { Question } from "../../components/question";
import { Age } from "../desk/age";
import { useDesk } from "../desk/context";
import { Problem } from "../problem";
import { useBinding } from "../step-up";

const NAME_CHARACTERS_MAX = 80;

/** Offices, who is on duty in them, and the hand-over. */
export function Offices() {
  const { t } = useLingui();
  const { self } = useDesk();
  const read = useQuery({ queryKey: ["offices"], queryFn: readOffices });
  return (
    <section className="card people-card" aria-labelledby="offices-title">
      <h2 id="offices-title" className="desk-title">
        <Trans>Offices and duty</Trans>
      </h2>
      <Problem error={read.error} />
      {read.data?.length === 0 && <Empty icon="room" title={t`No office yet`} />}
      <ul className="people-list">
        {read.data
          ?.filter((office) => office.closed_at === null)
          .map((office) => (
            <OfficeItem key={office.id} office={office} />
          ))}
      </ul>
      {(self?.may.includes("office.change") ?? false) && <OpenOffice />}
    </section>
  );
}

function OfficeItem({ office }: { readonly office: Office }) {
  const { t } = useLingui();
  const { duty, name } = office;
  const offered = duty?.offered_to?.name ?? "";
  return (
    <li className="people-item" data-testid={`office-${office.id}`}>
      <div>
        <p>
          <strong>{name}</strong>
        </p>
        {duty === null ? (
          <p>
            <Chip tone="poor">{t`Nobody is on duty`}</Chip>
          </p>
        ) : (
          <p className="small">
            <Chip tone="good" icon="person">
              {t`On duty`}
            </Chip>{" "}
            {duty.person.name} ·{" "}
            <span className="soft">
              <Trans>
                since <Age at={duty.taken_at} />
              </Trans>
            </span>
          </p>
        )}
        {offered !== "" && (
          <p className="small">
            <Chip tone="noted" icon="next">{t`Offered to ${offered}`}</Chip>
          </p>
        )}
      </div>
      <DutyActs office={office} />
    </li>
  );
}

/** Whoever has the duty hands it over; whoever it is offered to, or who finds it empty, takes it. */
function DutyActs({ office }: { readonly office: Office }) {
  const { t } = useLingui();
  const { self } = useDesk();
  const [isAsking, setAsking] = useState(false);
  const queries = useQueryClient();
  const { duty, name } = office;
  const me = self?.person.id ?? "";
  const pass = useBinding(
    async (to: string | null) => passDuty(office.id, to),
    () => {
      setAsking(false);
      void queries.invalidateQueries({ queryKey: ["offices"] });
    },
  );
  const isMember = office.people.some((person) => person.id === me);
  const mayTake = isMember && (self?.may.includes("duty.take") ?? false) && duty?.person.id !== me;
  const isFree = duty === null || duty.offered_to?.id === me;
  return (
    <div className="people-acts">
      {duty?.person.id === me && (
        <Button
          data-testid={`hand-over-${office.id}`}
          aria-label={t`Hand over the duty of ${name}`}
          onPress={() => setAsking(true)}
        >
          {t`Hand over`}
        </Button>
      )}
      {mayTake && isFree && (
        <Button
          weight="primary"
          data-testid={`take-${office.id}`}
          aria-label={t`Take the duty of ${name}`}
          onPress={() => pass.run(me)}
        >
          {t`Take the duty`}
        </Button>
      )}
      {isAsking ? (
        <HandOver
          office={office}
          error={pass.error}
          isPending={pass.isPending}
          onNo={() => setAsking(false)}
          onPass={pass.run}
        />
      ) : (
        <Problem error={pass.error} />
      )}
      {pass.sheet}
    </div>
  );
}

function HandOver(props: {
  readonly office: Office;
  readonly error: Error | null;
  readonly isPending: boolean;
  readonly onNo: () => void;
  readonly onPass: (to: string | null) => void;
}) {
  const { t } = useLingui();
  const { office } = props;
  const { name } = office;
  const next = office.people.filter((person) => person.id !== office.duty?.person.id);
  const [person, setPerson] = useState(next[0]?.id ?? "");
  return (
    <Question
      title={t`Hand over the duty of ${name}`}
      no={t`Not now`}
      yes={t`Hand over`}
      isPending={props.isPending || person === ""}
      onNo={props.onNo}
      onYes={() => props.onPass(person)}
    >
      <Choice
        label={t`To whom`}
        value={person}
        options={next.map((each) => ({ id: each.id, label: each.name }))}
        onChange={setPerson}
      />
      <p className="soft small">
        <Trans>Whoever has the duty keeps it until the next has taken it.</Trans>
      </p>
      <Problem error={props.error} />
    </Question>
  );
}

function OpenOffice() {
  const { t } = useLingui();
  const [name, setName] = useState("");
  const [members, setMembers] = useState<readonly string[]>([]);
  const people = useQuery({ queryKey: ["people"], queryFn: readPeople });
  const queries = useQueryClient();
  const open = useBinding(openOffice, () => {
    setName("");
    setMembers([]);
    void queries.invalidateQueries({ queryKey: ["offices"] });
  });
  return (
    <Form
      className="people-form"
      onSubmit={(event) => {
        event.preventDefault();
        open.run({ name: name.trim(), people: members });
      }}
    >
      <TextField className="field" value={name} onChange={setName} maxLength={NAME_CHARACTERS_MAX}>
        <Label className="field-label">
          <Trans>Name of a new office</Trans>
        </Label>
        <Input className="field-input" dir="auto" />
      </TextField>
      <CheckboxGroup className="field" value={[...members]} onChange={setMembers}>
        <Label className="field-label">
          <Trans>Who belongs to it</Trans>
        </Label>
        <div className="check-list">
          {people.data
            ?.filter((person) => person.revoked_at === null)
            .map((person) => (
              <CheckBox key={person.id} value={person.id}>
                {person.name}
              </CheckBox>
            ))}
        </div>
      </CheckboxGroup>
      <Problem error={open.error} />
      <Button
        type="submit"
        isDisabled={name.trim() === "" || members.length === 0 || open.isPending}
      >
        {t`Make the office`}
      </Button>
      {open.sheet}
    </Form>
  );
}

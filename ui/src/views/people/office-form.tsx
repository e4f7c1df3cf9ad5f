import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { CheckboxGroup, Form, Input, Label, TextField } from "react-aria-components";

import { changeOffice, openOffice, readPeople } from "../../api/people";
import type { Office } from "../../api/people-types";
import { Button } from "../../components/button";
import { CheckBox } from "../../components/choice";
import { Question } from "../../components/question";
import { Sheet } from "../../components/sheet";
import { Problem } from "../problem";
import { useBinding } from "../step-up";

const NAME_CHARACTERS_MAX = 80;

/** Changes an office's name or people, closes it, or opens it again. */
export function ChangeOffice({ office }: { readonly office: Office }) {
  const { t } = useLingui();
  const [asked, setAsked] = useState<"change" | "close" | null>(null);
  const queries = useQueryClient();
  const { name } = office;
  const change = useBinding(
    async (wanted: Parameters<typeof changeOffice>[1]) => changeOffice(office.id, wanted),
    () => {
      setAsked(null);
      void queries.invalidateQueries({ queryKey: ["offices"] });
      void queries.invalidateQueries({ queryKey: ["people"] });
    },
  );
  if (office.closed_at !== null) {
    return (
      <>
        <Button
          data-testid={`reopen-${office.id}`}
          aria-label={t`Open ${name} again`}
          isDisabled={change.isPending}
          onPress={() => change.run({ is_closed: false })}
        >
          {t`Open again`}
        </Button>
        <Problem error={change.error} />
        {change.sheet}
      </>
    );
  }
  return (
    <>
      <Button
        data-testid={`change-${office.id}`}
        aria-label={t`Change the office ${name}`}
        onPress={() => setAsked("change")}
      >
        {t`Change`}
      </Button>
      <Button
        data-testid={`close-${office.id}`}
        aria-label={t`Close the office ${name}`}
        onPress={() => setAsked("close")}
      >
        {t`Close`}
      </Button>
      {asked === "change" && (
        <Sheet title={t`Change the office ${name}`} isOpen onClose={() => setAsked(null)}>
          <OfficeForm
            title={t`Name`}
            name={name}
            members={office.people.map(({ id }) => id)}
            isPending={change.isPending}
            error={change.error}
            yes={t`Keep the change`}
            onNo={() => setAsked(null)}
            onYes={change.run}
          />
        </Sheet>
      )}
      {asked === "close" && (
        <Question
          title={t`Close the office ${name}?`}
          no={t`Keep it`}
          yes={t`Close`}
          isDangerous
          isPending={change.isPending}
          onNo={() => setAsked(null)}
          onYes={() => change.run({ is_closed: true })}
        >
          <p>
            <Trans>Whoever is on duty there is so no more. What it did stays in the record.</Trans>
          </p>
          <Problem error={change.error} />
        </Question>
      )}
      {change.sheet}
    </>
  );
}

/** Makes an office of some people. */
export function OpenOffice() {
  const { t } = useLingui();
  const [isAsked, setAsked] = useState(false);
  const queries = useQueryClient();
  const open = useBinding(openOffice, () => {
    setAsked(false);
    void queries.invalidateQueries({ queryKey: ["offices"] });
  });
  if (!isAsked) {
    return (
      <div>
        <Button icon="open" data-testid="open-office" onPress={() => setAsked(true)}>
          {t`Make an office`}
        </Button>
      </div>
    );
  }
  return (
    <>
      <OfficeForm
        title={t`Name of a new office`}
        name=""
        members={[]}
        isPending={open.isPending}
        error={open.error}
        yes={t`Make the office`}
        onNo={() => setAsked(false)}
        onYes={open.run}
      />
      {open.sheet}
    </>
  );
}

function OfficeForm(props: {
  readonly title: string;
  readonly name: string;
  readonly members: readonly string[];
  readonly isPending: boolean;
  readonly error: Error | null;
  readonly yes: string;
  readonly onNo: () => void;
  readonly onYes: (office: { readonly name: string; readonly people: readonly string[] }) => void;
}) {
  const { t } = useLingui();
  const [name, setName] = useState(props.name);
  const [members, setMembers] = useState(props.members);
  const people = useQuery({ queryKey: ["people"], queryFn: readPeople });
  return (
    <Form
      className="people-form"
      onSubmit={(event) => {
        event.preventDefault();
        props.onYes({ name: name.trim(), people: members });
      }}
    >
      <TextField className="field" value={name} onChange={setName} maxLength={NAME_CHARACTERS_MAX}>
        <Label className="field-label">{props.title}</Label>
        <Input className="field-input" dir="auto" data-testid="office-name" />
      </TextField>
      <CheckboxGroup className="field" value={[...members]} onChange={setMembers}>
        <Label className="field-label">
          <Trans>Who belongs to it</Trans>
        </Label>
        <div className="check-list">
          {people.data
            ?.filter((person) => person.revoked_at === null || members.includes(person.id))
            .map((person) => (
              <CheckBox key={person.id} value={person.id}>
                {person.name}
              </CheckBox>
            ))}
        </div>
      </CheckboxGroup>
      <Problem error={props.error} />
      <div className="sheet-acts">
        <Button onPress={props.onNo}>{t`Not now`}</Button>
        <Button
          type="submit"
          weight="primary"
          data-testid="office-keep"
          isDisabled={name.trim() === "" || members.length === 0 || props.isPending}
        >
          {props.yes}
        </Button>
      </div>
    </Form>
  );
}

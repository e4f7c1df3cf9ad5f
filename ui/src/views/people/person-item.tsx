import { useQueryClient } from "@tanstack/react-query";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";

import { changePerson, inviteAgain } from "../../api/people";
import type { Invitation, PersonRow } from "../../api/people-types";
import { Button } from "../../components/button";
import { Chip } from "../../components/chip";
import { Question } from "../../components/question";
import { Age } from "../desk/age";
import { useDesk } from "../desk/context";
import { Problem } from "../problem";
import { useBinding } from "../step-up";
import { InvitationLink } from "./invite";
import { RoleChoice, useRoleWord } from "./roles";

type Asked = "roles" | "revoke" | "return";

/** One person: roles, when they were last here, and what may be changed of them. */
export function PersonItem({ person }: { readonly person: PersonRow }) {
  const { t } = useLingui();
  const { self } = useDesk();
  const word = useRoleWord();
  const [asked, setAsked] = useState<Asked | null>(null);
  const { name } = person;
  const isRevoked = person.revoked_at !== null;
  const isInvited = !isRevoked && person.passkeys === 0 && person.seen_at === null;
  const isSelf = self?.person.id === person.id;
  const may = (act: string) => (self?.may.includes(act) ?? false) && !isSelf;
  return (
    <li className="people-item" data-testid={`person-${person.id}`}>
      <div>
        <p>
          <strong>{name}</strong> {isSelf && <Trans>(you)</Trans>}
        </p>
        <p className="people-roles">
          {person.roles.map((role) => (
            <Chip key={role} tone="noted" icon="person">
              {word(role)}
            </Chip>
          ))}
          {isRevoked && <Chip tone="cut">{t`All rights ended`}</Chip>}
          {isInvited && <Chip tone="unknown">{t`Invited, not here yet`}</Chip>}
        </p>
        {person.seen_at !== null && (
          <p className="small soft">
            <Trans>
              last here <Age at={person.seen_at} />
            </Trans>
          </p>
        )}
      </div>
      <div className="people-acts">
        {may("people.invite") && !isRevoked && <FreshLink person={person} />}
        {may("people.change") && !isRevoked && (
          <Button aria-label={t`Change the roles of ${name}`} onPress={() => setAsked("roles")}>
            {t`Change roles`}
          </Button>
        )}
        {may("people.revoke") && (
          <Button
            weight={isRevoked ? "plain" : "danger"}
            aria-label={isRevoked ? t`Give ${name} the rights back` : t`End all rights of ${name}`}
            onPress={() => setAsked(isRevoked ? "return" : "revoke")}
          >
            {isRevoked ? t`Give back` : t`End rights`}
          </Button>
        )}
      </div>
      {asked !== null && (
        <Change key={asked} person={person} asked={asked} onClose={() => setAsked(null)} />
      )}
    </li>
  );
}

/** A new one-time link for somebody who lost theirs, or every passkey. */
function FreshLink({ person }: { readonly person: PersonRow }) {
  const { t } = useLingui();
  const [made, setMade] = useState<Invitation | null>(null);
  const { name } = person;
  const ask = useBinding(
    async (id: string) => setMade(await inviteAgain(id)),
    () => undefined,
  );
  return (
    <>
      <Button
        aria-label={t`Make a fresh link for ${name}`}
        data-testid={`link-${person.id}`}
        isDisabled={ask.isPending}
        onPress={() => ask.run(person.id)}
      >
        {t`Fresh link`}
      </Button>
      {(made !== null || ask.error !== null) && (
        <div className="people-made">
          <Problem error={ask.error} />
          {made !== null && <InvitationLink invitation={made} name={name} />}
        </div>
      )}
      {ask.sheet}
    </>
  );
}

function Change(props: {
  readonly person: PersonRow;
  readonly asked: Asked;
  readonly onClose: () => void;
}) {
  const { t } = useLingui();
  const { person, asked, onClose } = props;
  const { name } = person;
  const [roles, setRoles] = useState<readonly string[]>(person.roles);
  const queries = useQueryClient();
  const change = useBinding(
    async (wanted: Parameters<typeof changePerson>[1]) => changePerson(person.id, wanted),
    () => {
      onClose();
      void queries.invalidateQueries({ queryKey: ["people"] });
    },
  );
  const titles: Readonly<Record<Asked, string>> = {
    roles: t`Change the roles of ${name}`,
    revoke: t`End all rights of ${name}?`,
    return: t`Give ${name} the rights back?`,
  };
  return (
    <>
      <Question
        title={titles[asked]}
        no={t`Leave it`}
        yes={asked === "revoke" ? t`End rights` : t`Change`}
        isDangerous={asked === "revoke"}
        isPending={change.isPending || (asked === "roles" && roles.length === 0)}
        onNo={onClose}
        onYes={() => change.run(asked === "roles" ? { roles } : { is_revoked: asked === "revoke" })}
      >
        {asked === "roles" && <RoleChoice value={roles} onChange={setRoles} />}
        {asked === "revoke" && (
          <p>
            <Trans>
              Every browser and passkey of this person stops working at once. What they wrote stays
              in the record.
            </Trans>
          </p>
        )}
        <Problem error={change.error} />
      </Question>
      {change.sheet}
    </>
  );
}

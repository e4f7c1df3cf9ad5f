import { useLingui as useCatalogue } from "@lingui/react";
import { Trans } from "@lingui/react/macro";
import { CheckboxGroup, Label } from "react-aria-components";

import { CheckBox } from "../../components/choice";
import { ROLE_WORDS } from "../words";

/** Every role there is, in the order of the permission table. */
export const ROLES: readonly string[] = [
  "member",
  "duty_officer",
  "releaser",
  "principal",
  "secretary",
  "engineer",
  "auditor",
];

/** A role in words; one that has none by its code. */
export function useRoleWord(): (role: string) => string {
  const { _ } = useCatalogue();
  return (role) => {
    const words = ROLE_WORDS[role];
    return words === undefined ? role : _(words);
  };
}

/** Chooses the roles of a person. */
export function RoleChoice(props: {
  readonly value: readonly string[];
  readonly onChange: (roles: readonly string[]) => void;
}) {
  const word = useRoleWord();
  return (
    <CheckboxGroup className="field" value={[...props.value]} onChange={props.onChange}>
      <Label className="field-label">
        <Trans>Roles</Trans>
      </Label>
      <div className="check-list">
        {ROLES.map((role) => (
          <CheckBox key={role} value={role}>
            {word(role)}
          </CheckBox>
        ))}
      </div>
    </CheckboxGroup>
  );
}

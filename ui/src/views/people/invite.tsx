import { useQueryClient } from "@tanstack/react-query";
import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Form, Input, Label, TextField } from "react-aria-components";

import { invite } from "../../api/people";
import type { Invitation } from "../../api/people-types";
import { Button } from "../../components/button";
import { Choice } from "../../components/choice";
import { Notice } from "../../components/notice";
import { LANGUAGES } from "../../i18n/languages";
import { Problem } from "../problem";
import { useBinding } from "../step-up";
import { RoleChoice } from "./roles";

const NAME_CHARACTERS_MAX = 80;

interface Wanted {
  readonly name: string;
  readonly language: string;
  readonly roles: readonly string[];
}

/** Invites a person: the link is handed over, and works once. */
export function Invite() {
  const { t } = useLingui();
  const { i18n } = useCatalogue();
  const nobody: Wanted = { name: "", language: i18n.locale, roles: ["member"] };
  const [wanted, setWanted] = useState<Wanted | null>(null);
  const [made, setMade] = useState<(Invitation & { readonly name: string }) | null>(null);
  const queries = useQueryClient();
  const ask = useBinding(
    async ({ name, language, roles }: Wanted) =>
      setMade({ ...(await invite(name.trim(), language, roles)), name }),
    () => {
      setWanted(null);
      void queries.invalidateQueries({ queryKey: ["people"] });
    },
  );
  return (
    <>
      {made !== null && <InvitationLink invitation={made} name={made.name} />}
      {wanted === null ? (
        <div>
          <Button icon="open" data-testid="invite" onPress={() => setWanted(nobody)}>
            {t`Invite a person`}
          </Button>
        </div>
      ) : (
        <Form
          className="people-form"
          onSubmit={(event) => {
            event.preventDefault();
            ask.run(wanted);
          }}
        >
          <TextField
            className="field"
            value={wanted.name}
            onChange={(name) => setWanted({ ...wanted, name })}
            maxLength={NAME_CHARACTERS_MAX}
            autoFocus
          >
            <Label className="field-label">
              <Trans>Name</Trans>
            </Label>
            <Input className="field-input" dir="auto" data-testid="invite-name" />
          </TextField>
          <Choice
            label={t`Language`}
            value={wanted.language}
            options={LANGUAGES.map(({ id, name, tag }) => ({ id, label: name, lang: tag }))}
            onChange={(language) => setWanted({ ...wanted, language })}
          />
          <RoleChoice value={wanted.roles} onChange={(roles) => setWanted({ ...wanted, roles })} />
          <Problem error={ask.error} />
          <div className="sheet-acts">
            <Button onPress={() => setWanted(null)}>{t`Not now`}</Button>
            <Button
              type="submit"
              weight="primary"
              data-testid="invite-make"
              isDisabled={wanted.name.trim() === "" || wanted.roles.length === 0 || ask.isPending}
            >
              {t`Make the link`}
            </Button>
          </div>
        </Form>
      )}
      {ask.sheet}
    </>
  );
}

/** The link that lets somebody in once; shown until the page is left. */
export function InvitationLink({
  invitation,
  name,
}: {
  readonly invitation: Invitation;
  readonly name: string;
}) {
  const { t } = useLingui();
  const [isCopied, setCopied] = useState(false);
  const { address } = invitation;
  return (
    <Notice tone="noted" icon="person" title={t`The link for ${name}`}>
      <p>
        <Trans>Hand it over yourself. It works once, in one browser, and is not shown again.</Trans>
      </p>
      <code className="people-link" dir="ltr" data-testid="invite-link">
        {address}
      </code>
      <div>
        <Button
          icon={isCopied ? "up" : "grid"}
          onPress={() => void navigator.clipboard.writeText(address).then(() => setCopied(true))}
        >
          {isCopied ? t`Copied` : t`Copy the link`}
        </Button>
      </div>
    </Notice>
  );
}

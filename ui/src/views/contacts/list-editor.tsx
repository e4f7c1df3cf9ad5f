import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Form } from "react-aria-components";

import { publishContacts } from "../../api/contacts";
import type { ContactLine, WrittenContact } from "../../api/contact-types";
import { Button } from "../../components/button";
import {
  blankContact,
  changed,
  CONTACTS_MAX,
  isPublishable,
  trimmed,
  without,
  written,
} from "../../state/contacts/contacts";
import { useDesk } from "../desk/context";
import { Problem } from "../problem";
import { useBinding } from "../step-up";
import { ContactFields } from "./contact-fields";
import { useContactsAgain } from "./live";

/** Our whole list, to be changed and signed anew; the other party sees nothing until then. */
export function ListEditor(props: { readonly line: ContactLine; readonly onClose: () => void }) {
  const { line, onClose } = props;
  const { t, i18n } = useLingui();
  const { self } = useDesk();
  const again = useContactsAgain();
  const level = line.levels[0] ?? "";
  const [contacts, setContacts] = useState<readonly WrittenContact[]>(() =>
    line.ours.contacts.length > 0
      ? line.ours.contacts.map(written)
      : [blankContact(i18n.locale, level)],
  );
  const publish = useBinding<null>(
    async () => publishContacts(line.party_id, contacts.map(trimmed)),
    () => {
      again();
      onClose();
    },
  );
  const zone = self?.party.time_zone ?? "UTC";
  const { party } = line;
  return (
    <Form
      className="contact-form"
      data-testid="contact-editor"
      onSubmit={(event) => {
        event.preventDefault();
        publish.run(null);
      }}
    >
      <p className="soft small">
        <Trans>
          Name posts, not people: {party} keeps what you publish, and it cannot be taken back.
        </Trans>
      </p>
      {contacts.map((contact, at) => {
        const number = at + 1;
        return (
          // A contact is changed as it is typed; its place is its name.
          // oxlint-disable-next-line react/no-array-index-key
          <fieldset key={at} className="contact contact-edited">
            <legend>
              <Trans>Contact {number}</Trans>
            </legend>
            <ContactFields
              contact={contact}
              levels={line.levels}
              zone={zone}
              onChange={(each) => setContacts(changed(contacts, at, each))}
            />
            {contacts.length > 1 && (
              <Button
                weight="quiet"
                icon="close"
                onPress={() => setContacts(without(contacts, at))}
              >{t`Leave out this contact`}</Button>
            )}
          </fieldset>
        );
      })}
      <div className="sheet-acts">
        {contacts.length < CONTACTS_MAX && (
          <Button
            data-testid="contact-add"
            onPress={() => setContacts([...contacts, blankContact(i18n.locale, level)])}
          >{t`Another contact`}</Button>
        )}
        <Button onPress={onClose}>{t`Leave it as it was`}</Button>
        <Button
          type="submit"
          weight="primary"
          data-testid="contact-publish"
          isDisabled={!isPublishable(contacts) || publish.isPending}
        >{t`Sign and publish`}</Button>
      </div>
      <Problem error={publish.error} />
      {publish.sheet}
    </Form>
  );
}

import { Link } from "@tanstack/react-router";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";

import type { ContactLine } from "../../api/contact-types";
import { Empty } from "../../components/notice";
import { Problem } from "../problem";
import { ListEditor } from "./list-editor";
import { useContacts } from "./live";
import { Breaches, PartyList } from "./party-list";
import "./contacts.css";

/** Whom the two parties of each line name to each other: both lists, side by side. */
export function ContactsPage() {
  const { t } = useLingui();
  const read = useContacts();
  return (
    <main id="main" className="page contacts">
      <header className="page-head">
        <h1>
          <Trans>Contacts</Trans>
        </h1>
        <Link to="/watch" className="button">
          <Trans>Back to the watch</Trans>
        </Link>
      </header>
      <p className="soft">
        <Trans>
          For when the line itself is not enough. A change that both sides must act on is also told
          as a notification, “Change of contact”.
        </Trans>
      </p>
      {read.isPending && (
        <Empty icon="people" title={t`Asking your node for the contacts`} isWaiting />
      )}
      <Problem error={read.error} />
      {read.data?.length === 0 && <Empty icon="people" title={t`There is no line yet`} />}
      {read.data?.map((line) => (
        <LineOfContacts key={line.space} line={line} />
      ))}
    </main>
  );
}

function LineOfContacts({ line }: { readonly line: ContactLine }) {
  const [isEditing, setIsEditing] = useState(false);
  const id = `contacts-${line.party_id}`;
  return (
    <section className="card" aria-labelledby={id} data-testid="contact-line">
      <h2 id={id} className="desk-title">
        <bdi>{line.party}</bdi>
      </h2>
      <Breaches breaches={line.breaches} />
      <div className="contact-sides">
        <PartyList line={line} side={line.theirs} onEdit={() => undefined} />
        {isEditing ? (
          <ListEditor line={line} onClose={() => setIsEditing(false)} />
        ) : (
          <PartyList line={line} side={line.ours} onEdit={() => setIsEditing(true)} />
        )}
      </div>
    </section>
  );
}

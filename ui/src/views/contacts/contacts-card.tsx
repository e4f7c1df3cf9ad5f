import { Link } from "@tanstack/react-router";
import { useLingui as useCatalogue } from "@lingui/react";
import { Plural, Trans, useLingui } from "@lingui/react/macro";

import { Chip } from "../../components/chip";
import { tasks, thereNow } from "../../state/contacts/contacts";
import { BothTimes } from "../record/both-times";
import { useContacts } from "./live";
import { TASK_WORDS } from "./words";
import "./contacts.css";

/** Contacts on the watch page: who can be reached now, and what is due about our own list. */
export default function ContactsCard() {
  const { _ } = useCatalogue();
  const { t } = useLingui();
  const lines = useContacts().data ?? [];
  if (lines.length === 0) return null;
  return (
    <section className="card" aria-labelledby="contacts-card-title" data-testid="contacts-card">
      <h2 id="contacts-card-title" className="desk-title">
        {t`Contacts`}
      </h2>
      <ul className="strip">
        {lines.map((line) => (
          <li key={line.space} className="strip-line">
            <span className="strip-name">
              <bdi>{line.party}</bdi>
            </span>
            <span className="small">
              <Plural value={thereNow(line.theirs)} one="# there now" other="# there now" />
            </span>
            {tasks(line).map((task) => (
              <span key={task} className="contact-task">
                <Chip tone={task === "beware" ? "fair" : "poor"}>{_(TASK_WORDS[task])}</Chip>
                {task === "confirm" && line.ours.due_at !== null && (
                  <span className="small">
                    <Trans>
                      by <BothTimes at={line.ours.due_at} parties={[line.party_id]} />
                    </Trans>
                  </span>
                )}
              </span>
            ))}
          </li>
        ))}
      </ul>
      <p className="small">
        <Link to="/contacts">
          <Trans>All contacts</Trans>
        </Link>
      </p>
    </section>
  );
}

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Trans, useLingui } from "@lingui/react/macro";

import { readPeople } from "../../api/people";
import { Empty } from "../../components/notice";
import { useDesk } from "../desk/context";
import { Problem } from "../problem";
import { Emergency } from "./emergency";
import { Invite } from "./invite";
import { Offices } from "./offices";
import { PersonItem } from "./person-item";
import { Permissions } from "./permissions";
import "../record/record.css";
import "./people.css";

/** The people of our party: who they are, what they may do, who is on duty. */
export function PeoplePage() {
  const { t } = useLingui();
  const { self } = useDesk();
  const may = (act: string) => self?.may.includes(act) ?? false;
  const read = useQuery({ queryKey: ["people"], queryFn: readPeople });
  return (
    <main id="main" className="page people">
      <header className="page-head">
        <h1>{t`People`}</h1>
        {may("trail.read") && (
          <Link to="/trail" className="button people-link-page" data-testid="to-trail">
            <Trans>Trail: who did what</Trans>
          </Link>
        )}
      </header>
      <section className="card people-card" aria-labelledby="people-title">
        <h2 id="people-title" className="desk-title">{t`People and roles`}</h2>
        {read.isPending && (
          <Empty icon="people" title={t`Asking your node for its people`} isWaiting />
        )}
        <Problem error={read.error} />
        <ul className="people-list">
          {read.data?.map((person) => (
            <PersonItem key={person.id} person={person} />
          ))}
        </ul>
        {may("people.invite") && <Invite />}
      </section>
      <Offices />
      <Emergency />
      <Permissions />
    </main>
  );
}

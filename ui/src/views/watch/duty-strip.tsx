import { Link } from "@tanstack/react-router";
import { Trans, useLingui } from "@lingui/react/macro";

import { Chip } from "../../components/chip";
import { Icon } from "../../components/icon";
import { useDesk } from "../desk/context";
import { PlannedOtherwise } from "../people/planned";
import { useOffices } from "./live";

/** Who is on duty: where nobody is, what rings rings every desk. */
export function DutyStrip() {
  const { t } = useLingui();
  const { self } = useDesk();
  const offices = (useOffices().data ?? []).filter((each) => each.closed_at === null);
  const isAnybody = offices.some((each) => each.duty !== null);
  return (
    <section className="card" aria-labelledby="duty-title">
      <h2 id="duty-title" className="desk-title">
        <Icon name="people" />
        <Trans>On duty</Trans>
      </h2>
      {!isAnybody && (
        <p data-testid="nobody-on-duty">
          <Chip tone="fair">{t`Nobody has taken the duty`}</Chip>{" "}
          <span className="small">
            <Trans>An alert rings on every desk.</Trans>
          </span>
        </p>
      )}
      <ul className="strip">
        {offices.map((office) => (
          <li key={office.id} className="strip-line">
            <span className="strip-name">{office.name}</span>
            <span>
              {office.duty === null ? (
                <span className="soft">
                  <Trans>nobody</Trans>
                </span>
              ) : (
                office.duty.person.name
              )}
              {office.duty?.person.id === self?.person.id && office.duty !== null && (
                <span className="soft small">
                  {" "}
                  <Trans>(you)</Trans>
                </span>
              )}
            </span>
            <Offered to={office.duty?.offered_to?.name ?? null} />
            <PlannedOtherwise office={office} />
          </li>
        ))}
      </ul>
      {self?.may.includes("people.read") === true && (
        <p className="small">
          <Link to="/people">
            <Trans>Take over or hand over the duty</Trans>
          </Link>
        </p>
      )}
    </section>
  );
}

function Offered({ to }: { readonly to: string | null }) {
  if (to === null) return null;
  return (
    <span className="small soft">
      <Trans>offered to {to}</Trans>
    </span>
  );
}

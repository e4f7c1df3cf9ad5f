import { useQuery } from "@tanstack/react-query";
import { Trans, useLingui } from "@lingui/react/macro";

import { readOffices } from "../../api/people";
import type { Office } from "../../api/people-types";
import { Chip } from "../../components/chip";
import { Empty } from "../../components/notice";
import { Age } from "../desk/age";
import { useDesk } from "../desk/context";
import { Problem } from "../problem";
import { DutyActs } from "./duty";
import { ChangeOffice, OpenOffice } from "./office-form";
import { PlannedOtherwise } from "./planned";

/** Offices, who is on duty in them, and the hand-over. */
export function Offices() {
  const { t } = useLingui();
  const { self } = useDesk();
  const read = useQuery({ queryKey: ["offices"], queryFn: readOffices });
  const mayChange = self?.may.includes("office.change") ?? false;
  const open = read.data?.filter((office) => office.closed_at === null) ?? [];
  const closed = read.data?.filter((office) => office.closed_at !== null) ?? [];
  return (
    <section className="card people-card" aria-labelledby="offices-title">
      <h2 id="offices-title" className="desk-title">
        <Trans>Offices and duty</Trans>
      </h2>
      <Problem error={read.error} />
      {read.isSuccess && open.length === 0 && <Empty icon="room" title={t`No office yet`} />}
      <ul className="people-list">
        {open.map((office) => (
          <OfficeItem key={office.id} office={office} mayChange={mayChange} />
        ))}
        {mayChange &&
          closed.map((office) => (
            <li key={office.id} className="people-item" data-testid={`office-${office.id}`}>
              <p>
                <span className="soft">{office.name}</span>{" "}
                <Chip tone="unknown" icon="close">{t`Closed`}</Chip>
              </p>
              <div className="people-acts">
                <ChangeOffice office={office} />
              </div>
            </li>
          ))}
      </ul>
      {mayChange && <OpenOffice />}
    </section>
  );
}

function OfficeItem(props: { readonly office: Office; readonly mayChange: boolean }) {
  const { t } = useLingui();
  const { office } = props;
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
        <PlannedOtherwise office={office} />
        <p className="small soft">
          <bdi>{office.people.map((person) => person.name).join(", ")}</bdi>
        </p>
        {offered !== "" && (
          <p className="small">
            <Chip tone="noted" icon="next">{t`Offered to ${offered}`}</Chip>
          </p>
        )}
      </div>
      <div className="people-acts">
        <DutyActs office={office} />
        {props.mayChange && <ChangeOffice office={office} />}
      </div>
    </li>
  );
}

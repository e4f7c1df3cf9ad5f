import { useLingui } from "@lingui/react/macro";

import type { Office } from "../../api/people-types";
import { Notice } from "../../components/notice";
import { useFormat } from "../../i18n/format";
import { useDesk } from "../desk/context";

/** That somebody else has the duty than the roster says; a warning to the two of them. */
export function PlannedOtherwise({ office }: { readonly office: Office }) {
  const { t } = useLingui();
  const format = useFormat();
  const { self } = useDesk();
  const { duty } = office;
  if (duty === null || office.planned === null) return null;
  const holder = duty.person.name;
  const planned = office.planned.person.name;
  const at = format.instant(office.planned.since, self?.party.time_zone ?? "UTC");
  const said = t`${holder} has the duty, the roster says ${planned} since ${at}`;
  const me = self?.person.id;
  if (me !== duty.person.id && me !== office.planned.person.id) {
    return <span className="small">{said}</span>;
  }
  return <Notice tone="cut" icon="warning" title={said} />;
}

import { useQuery } from "@tanstack/react-query";
import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";

import { readRefusals } from "../../api/node";
import { Icon } from "../../components/icon";
import { Empty } from "../../components/notice";
import { useFormat } from "../../i18n/format";
import { setAsideWords } from "../words";
import { Age } from "./age";
import { useDesk } from "./context";

/** Often enough for a watch; refusals ring nobody. */
const ASK_EVERY_MS = 10_000;

/** What was refused and put aside: counted, so that nothing disappears unseen. */
export function SetAsideCard() {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  const format = useFormat();
  const { lines } = useDesk();
  const { data, isPending, isError } = useQuery({
    queryKey: ["refusals"],
    queryFn: readRefusals,
    refetchInterval: ASK_EVERY_MS,
  });
  const nameOf = (party: string | null) =>
    lines?.find((line) => line.party.id === party)?.party.name ?? null;
  return (
    <section className="card" aria-labelledby="aside-title">
      <h2 id="aside-title" className="desk-title">
        <Icon name="aside" />
        <Trans>Set aside</Trans>
      </h2>
      {isPending && <Empty icon="aside" title={t`Counting`} isWaiting />}
      {isError && data === undefined && (
        <Empty icon="cut" title={t`The counts cannot be read now.`} />
      )}
      {data?.length === 0 && (
        <p className="soft small">
          <Trans>Nothing was refused since the node started.</Trans>
        </p>
      )}
      <ul className="aside-list">
        {data?.map((each) => (
          <li key={`${each.reason} ${each.party ?? ""}`} className="aside-item">
            <span>
              {_(setAsideWords(each.reason))}
              {nameOf(each.party) !== null && <span className="soft"> · {nameOf(each.party)}</span>}
            </span>
            <span className="figures aside-count">{format.number(each.count)}</span>
            <span className="small soft">
              <Age at={each.last_at} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

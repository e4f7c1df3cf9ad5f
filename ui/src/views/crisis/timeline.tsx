import { useQuery } from "@tanstack/react-query";
import { useLingui as useCatalogue } from "@lingui/react";
import { Trans } from "@lingui/react/macro";

import { readTimeline } from "../../api/crises";
import type { CrisisSummary } from "../../api/crisis-types";
import { useCapacityWords } from "../capacity";
import { Problem } from "../problem";
import { BothTimes } from "../record/both-times";
import { usePartyName } from "./parts";
import { ENTRY_WORDS } from "./words";

/** What the record has of a crisis, by both clocks. */
export function CrisisTimeline({
  crisis,
}: {
  readonly crisis: Pick<CrisisSummary, "hash" | "parties" | "last_at">;
}) {
  const { _ } = useCatalogue();
  const nameOf = usePartyName(crisis.parties);
  const capacity = useCapacityWords();
  const read = useQuery({
    queryKey: ["crisis-timeline", crisis.hash, crisis.last_at],
    queryFn: async () => readTimeline(crisis.hash),
  });
  const parties = crisis.parties.map(({ id }) => id);
  return (
    <details className="card crisis-fold">
      <summary className="desk-title">
        <Trans>Timeline, by each author's clock</Trans>
      </summary>
      <Problem error={read.error} />
      <ol className="crisis-timeline" data-testid="timeline">
        {(read.data ?? []).map((each) => {
          const word = ENTRY_WORDS[each.kind];
          return (
            <li key={each.hash}>
              <BothTimes at={each.at} parties={parties} />
              <span>
                <bdi>{nameOf(each.party)}</bdi>: {word === undefined ? each.kind : _(word)}{" "}
                {each.office !== null && `(${capacity(each.office)}) `}
                <code className="soft small">{each.hash.slice(0, 12)}</code>
              </span>
            </li>
          );
        })}
      </ol>
    </details>
  );
}

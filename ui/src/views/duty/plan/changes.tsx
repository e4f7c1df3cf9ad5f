import { useLingui as useCatalogue } from "@lingui/react";
import { Trans } from "@lingui/react/macro";

import type { PlanChanges } from "../../../state/duty/plan";
import { DIRECTION_WORDS, PRECEDENCE_NAMES } from "../words";

/** What would be different: the second reader looks there first. */
export function Changes({ changes }: { readonly changes: PlanChanges }) {
  const { _ } = useCatalogue();
  const { policies, rosters } = changes;
  if (policies.length === 0 && rosters.length === 0) {
    return (
      <p className="small soft">
        <Trans>Nothing is different from what is in force.</Trans>
      </p>
    );
  }
  return (
    <div>
      <p className="small">
        <Trans>Different from what is in force:</Trans>
      </p>
      <ul className="people-roles">
        {policies.map(({ direction, precedence }) => (
          <li key={`${direction}-${precedence}`} className="plan-change small">
            {_(PRECEDENCE_NAMES[precedence])} · {_(DIRECTION_WORDS[direction])}
          </li>
        ))}
        {rosters.map((name) => (
          <li key={name} className="plan-change small">
            <bdi>{name}</bdi>
          </li>
        ))}
      </ul>
    </div>
  );
}

import { Trans, useLingui } from "@lingui/react/macro";

import { Chip } from "../../components/chip";
import { ExerciseMark } from "../../components/exercise-mark";
import type { CrisisTold } from "../../record/contract";
import { crisisTold } from "../../state/record/crises";

/** What an export proves of each crisis, line by line; of a log that does not hold, nothing is. */
export function CrisesTold(props: {
  readonly crises: readonly CrisisTold[];
  readonly isProved: boolean;
  readonly nameOf: (id: string) => string;
}) {
  return props.crises.map((crisis) => (
    <section key={crisis.crisis} className="told-crisis" data-testid="told-crisis">
      <h3>
        <Trans>Crisis {crisis.number}</Trans>
      </h3>
      {crisis.is_exercise && <ExerciseMark />}
      {!props.isProved && (
        <p className="small" data-testid="told-unproved">
          <Trans>A log does NOT hold: this is what it says, and nothing of it is proved.</Trans>
        </p>
      )}
      <Lines crisis={crisis} isProved={props.isProved} nameOf={props.nameOf} />
    </section>
  ));
}

function Lines(props: {
  readonly crisis: CrisisTold;
  readonly isProved: boolean;
  readonly nameOf: (id: string) => string;
}) {
  const { t } = useLingui();
  const { sides, agreed, timelines, accounts, readouts, end } = crisisTold(props.crisis);
  const isEqual = props.isProved ? t`Timelines equal` : t`Timelines equal, as these logs say`;
  const words = { equal: isEqual, not_equal: t`Timelines NOT equal` } as const;
  const ends = {
    adopted: t`Joint sheet adopted by both`,
    without: t`Ended without a joint text`,
  } as const;
  return (
    <ul className="checked small">
      {sides.map(({ party, title, state }) => (
        <li key={party}>
          <bdi>{props.nameOf(party)}</bdi>: <bdi>{title}</bdi>{" "}
          <span className="soft">{state === "open" ? t`Open` : t`Closed`}</span>
        </li>
      ))}
      <li>
        <Trans>{agreed} facts that both sides signed</Trans>
      </li>
      {timelines !== null && (
        <li>
          <Chip tone={timelines === "equal" && props.isProved ? "good" : "fair"}>
            {words[timelines]}
          </Chip>
        </li>
      )}
      {accounts.map(({ party, is_shown }) => (
        <li key={party}>
          <bdi>{props.nameOf(party)}</bdi>:{" "}
          {is_shown ? t`account sealed, then shown as sealed` : t`account sealed, not shown`}
        </li>
      ))}
      {end !== null && <li>{ends[end]}</li>}
      {readouts.map(({ party, entry }) => (
        <li key={entry}>
          <bdi>{props.nameOf(party)}</bdi>: {t`readout signed`}
        </li>
      ))}
    </ul>
  );
}

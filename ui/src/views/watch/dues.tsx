import { useLingui as useCatalogue } from "@lingui/react";
import { Trans } from "@lingui/react/macro";

import type { Alert, Due } from "../../api/alert-types";
import { countdown, leftOf } from "../../state/watch/alerts";
import { useNodeNow } from "./live";
import { ByClock } from "./sentence";
import { LIMIT_WORDS } from "./words";

/** What is due later than in these seconds is shown with its day: no clock says which it is. */
const DATED_S = 12 * 3_600;

/** What is due and when, by our clock and by the other party's: the same countdown on both desks. */
export function Dues({ alert }: { readonly alert: Alert }) {
  if (alert.due.length === 0) return null;
  return (
    <ul className="dues">
      {alert.due.map((due) => (
        <DueRow key={due.limit} alert={alert} due={due} />
      ))}
    </ul>
  );
}

function DueRow({ alert, due }: { readonly alert: Alert; readonly due: Due }) {
  const { _ } = useCatalogue();
  const now = useNodeNow();
  const { isOver, seconds } = leftOf(due.due_at, now);
  const words = LIMIT_WORDS[due.limit];
  const figures = countdown(seconds);
  const theirBound = alert.is_ours ? alert.received_bound_ms : alert.released_bound_ms;
  const { party } = alert;
  return (
    <li className={isOver ? "due due-over" : "due"} data-testid={`due-${due.limit}`}>
      <span className="due-what">{words === undefined ? due.limit : _(words)}</span>
      <span className="due-left figures" role="timer" aria-live="off">
        {isOver ? <Trans>OVERDUE by {figures}</Trans> : <Trans>{figures} left</Trans>}
      </span>
      <span className="due-clocks small">
        <ByClock
          at={due.due_at}
          bound_ms={alert.is_ours ? alert.released_bound_ms : alert.saying.bound_ms}
          party={null}
          isDated={!isOver && seconds > DATED_S}
        />
        {due.theirs_at === null ? (
          <span className="soft">
            <Trans>{party}: not proved to count yet</Trans>
          </span>
        ) : (
          <ByClock
            at={due.theirs_at}
            bound_ms={theirBound}
            party={alert.party}
            isDated={!isOver && seconds > DATED_S}
          />
        )}
      </span>
    </li>
  );
}

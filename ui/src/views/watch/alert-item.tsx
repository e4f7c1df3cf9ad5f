import { Link } from "@tanstack/react-router";
import { Trans, useLingui } from "@lingui/react/macro";

import type { Alert } from "../../api/alert-types";
import { ExerciseMark } from "../../components/exercise-mark";
import { Icon } from "../../components/icon";
import { textFor } from "../../state/watch/alerts";
import { useDesk } from "../desk/context";
import { Dues } from "./dues";
import { PrecedenceMark, StandingMarks, Words } from "./marks";
import { ByClock, Sentence } from "./sentence";

/** How far the other party's escalation has come, if it told: the last step, by its clock. */
function StepTheyReached({ alert }: { readonly alert: Alert }) {
  const { party } = alert;
  const last = alert.steps.findLast(({ is_ours }) => !is_ours);
  if (last === undefined) return null;
  const { number } = last;
  return (
    <p className="soft small" data-testid="their-step">
      <Trans>
        {party} has reached step {number} of its own escalation.
      </Trans>{" "}
      <ByClock at={last.reached_at} bound_ms={null} party={party} />
    </p>
  );
}

/** One alert as the watch reads it: how urgent, from or to whom, what is proved, what is due. */
export function AlertItem({ alert }: { readonly alert: Alert }) {
  const { t } = useLingui();
  const { self } = useDesk();
  const { party } = alert;
  const text = textFor(alert, self?.person.language ?? "en");
  const fingerprint = alert.body_hash.slice(0, 8);
  const title = `alert-${alert.hash.slice(0, 12)}`;
  return (
    <li
      className={`card alert-item alert-${alert.precedence}`}
      data-testid={`alert-${alert.hash}`}
      data-state={alert.state}
      aria-labelledby={title}
    >
      {alert.is_exercise && <ExerciseMark />}
      <h3 id={title} className="alert-head">
        <PrecedenceMark precedence={alert.precedence} />
        <Link
          to="/watch/alerts/$alert"
          params={{ alert: alert.hash }}
          className="alert-party"
          data-watch-item=""
        >
          <Icon name={alert.is_ours ? "next" : "into"} />
          {alert.is_ours ? t`To ${party}` : t`From ${party}`}
        </Link>
        <StandingMarks alert={alert} />
      </h3>
      <Sentence alert={alert} />
      {text !== undefined && <Words text={text} isShort />}
      <Dues alert={alert} />
      <StepTheyReached alert={alert} />
      {alert.recipients.length > 1 && (
        <p className="soft small">
          <Trans>
            To several parties, as one text with the fingerprint <code>{fingerprint}</code>
          </Trans>
        </p>
      )}
    </li>
  );
}

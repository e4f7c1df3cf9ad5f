import { Link } from "@tanstack/react-router";
import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect } from "react";

import { ExerciseMark } from "../../components/exercise-mark";
import { Icon } from "../../components/icon";
import { countdown, isRungHere, leftOf, ringing, textFor } from "../../state/watch/alerts";
import { useDesk } from "../desk/context";
import { useBell, useBellActs } from "./bell";
import { useAlertNews, useNodeNow, useOffices, useOpenAlerts } from "./live";
import { PrecedenceMark, Words } from "./marks";
import { HEARING_WORDS, PRECEDENCE_WORDS } from "./words";
import type { Alert } from "../../api/alert-types";
import "./ring.css";

/** On every page, while an alert of another party waits to be acknowledged. */
export function RingBanner() {
  const { self } = useDesk();
  const { bell } = useBellActs();
  useAlertNews();
  const alerts = useOpenAlerts().data;
  const offices = useOffices().data;
  const waiting = ringing(alerts ?? []);
  const isHere = isRungHere(self, offices?.some((each) => each.duty !== null) ?? false);
  const names = waiting.map((each) => each.hash).join(" ");
  useEffect(() => {
    bell.ring(waiting, isHere);
    // The alerts themselves are new objects with each answer; what counts is which they are.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [bell, names, isHere]);
  const [loudest, ...others] = waiting;
  if (loudest === undefined) return null;
  return <Ringing alert={loudest} more={others.length} isHere={isHere} />;
}

function Ringing(props: {
  readonly alert: Alert;
  readonly more: number;
  readonly isHere: boolean;
}) {
  const { alert, more } = props;
  const { _ } = useCatalogue();
  const { t } = useLingui();
  const { self } = useDesk();
  const { hearing } = useBell();
  const now = useNodeNow();
  const { party } = alert;
  const precedence = _(PRECEDENCE_WORDS[alert.precedence]);
  const limit = alert.due.find((each) => each.limit === "limit");
  const left = limit === undefined ? null : leftOf(limit.due_at, now);
  const figures = left === null ? "" : countdown(left.seconds);
  const text = textFor(alert, self?.person.language ?? "en");
  return (
    <section
      className={`ring ring-${alert.precedence}`}
      data-testid="ring"
      data-alert={alert.hash}
      aria-label={t`Ringing`}
    >
      {/* Said once, when it begins: the figures beside it tick unheard. */}
      <p role="alert" className="unseen">
        {alert.is_exercise
          ? t`Exercise. ${precedence} from ${party}.`
          : t`${precedence} from ${party}.`}
      </p>
      <div className="ring-head">
        <PrecedenceMark precedence={alert.precedence} />
        {alert.is_exercise && <ExerciseMark />}
        <strong className="ring-party">{t`From ${party}`}</strong>
        {left !== null && (
          <span className="ring-left figures" role="timer" aria-live="off">
            {left.isOver ? t`OVERDUE by ${figures}` : t`${figures} to acknowledge`}
          </span>
        )}
        {more > 0 && <span>{t`and ${more} more`}</span>}
      </div>
      {text !== undefined && <Words text={text} isShort />}
      <div className="ring-acts">
        <Link
          className="button ring-open"
          to="/watch/alerts/$alert"
          params={{ alert: alert.hash }}
          data-testid="ring-open"
        >
          <Icon name="next" />
          <span>
            <Trans>Read and acknowledge</Trans>
          </span>
        </Link>
        {!props.isHere && (
          <span className="small">
            <Trans>It sounds at the desk of whoever is on duty.</Trans>
          </span>
        )}
        {props.isHere && hearing !== "heard" && (
          <span className="ring-hearing" data-testid="ring-hearing">
            <Icon name="warning" /> {_(HEARING_WORDS[hearing])}
          </span>
        )}
      </div>
    </section>
  );
}

import { Link } from "@tanstack/react-router";
import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";

import { Chip } from "../../components/chip";
import { ExerciseMark } from "../../components/exercise-mark";
import { Icon } from "../../components/icon";
import { labelOf, titleOf } from "../../state/papers/definition";
import { useDesk } from "../desk/context";
import { BothTimes } from "../record/both-times";
import { useDrafts, useNotifications, useReminders, useTypes } from "./use-papers";
import { STATE_TONES, STATE_WORDS } from "./words";

/** What waits for us: questions, yearly notifications, drafts and whose turn they are. */
export function DueCard() {
  const { t } = useLingui();
  const { i18n, _ } = useCatalogue();
  const { self } = useDesk();
  const types = useTypes();
  const notifications = useNotifications().data ?? [];
  const reminders = (useReminders().data ?? []).filter(({ is_met }) => !is_met);
  const drafts = useDrafts().data ?? [];
  const questions = notifications.flatMap((each) =>
    each.queries
      .filter(({ state }) => state !== "clarified")
      .map((query) => ({ each, query, isOurs: each.author === self?.party.id })),
  );
  const isQuiet = questions.length + reminders.length + drafts.length === 0;
  return (
    <section className="card" aria-labelledby="due-title">
      <h2 id="due-title" className="desk-title">
        <Trans>What is due</Trans>
      </h2>
      {isQuiet && (
        <p className="soft">
          <Trans>Nothing waits.</Trans>
        </p>
      )}
      <ul className="paper-due">
        {questions.map(({ each, query, isOurs }) => (
          <li key={query.hash} data-testid="due-question">
            <Link to="/notifications/$hash" params={{ hash: each.hash }} className="paper-link">
              <bdi>{each.number}</bdi> <Icon name="next" />
            </Link>
            {each.is_exercise && <ExerciseMark />}
            <span>
              <Chip tone={query.state === "overdue" ? "poor" : "fair"} icon="unknown">
                {isOurs ? t`They ask us` : t`We asked`}
              </Chip>
            </span>
            <span className="small">
              <Trans>Answer due</Trans> <BothTimes at={query.due_at} parties={[each.author]} />
            </span>
          </li>
        ))}
        {reminders.map((each) => (
          <li key={`${each.space} ${each.type_id} ${each.year}`} data-testid="due-reminder">
            <span>
              {titleOf(types, each.type_id, i18n.locale)} · <bdi>{each.year}</bdi>
            </span>
            <span className="small">
              <Trans>Due every year</Trans> <BothTimes at={each.due_at} parties={[]} />
            </span>
          </li>
        ))}
        {drafts.map((each) => {
          const type = types.find(({ hash }) => hash === each.type_hash);
          const words = STATE_WORDS[each.state];
          return (
            <li key={each.id} data-testid="due-draft">
              <Link to="/notifications/drafts/$id" params={{ id: each.id }} className="paper-link">
                {type === undefined ? each.id : labelOf(type.definition, i18n.locale, "")}{" "}
                <Icon name="next" />
              </Link>
              {each.is_exercise && <ExerciseMark />}
              <span>
                <Chip tone={STATE_TONES[each.state] ?? "unknown"}>
                  {words === undefined ? each.state : _(words)}
                </Chip>
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

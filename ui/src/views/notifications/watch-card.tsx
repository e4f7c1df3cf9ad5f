import { Link } from "@tanstack/react-router";
import { Plural, Trans } from "@lingui/react/macro";

import { ExerciseMark } from "../../components/exercise-mark";
import { Icon } from "../../components/icon";
import { useDesk } from "../desk/context";
import { BothTimes } from "../record/both-times";
import { useDrafts, useNotifications, useReminders } from "./use-papers";
import "./notifications.css";

/** Of notifications, what waits for somebody at this desk; nothing on a quiet day. */
export default function NotificationsCard() {
  const { self } = useDesk();
  const all = useNotifications().data ?? [];
  const drafts = useDrafts().data ?? [];
  const reminders = (useReminders().data ?? []).filter(({ is_met }) => !is_met);
  const ours = self?.party.id;
  const questions = all.flatMap((each) =>
    each.author === ours ? each.queries.filter(({ state }) => state !== "clarified") : [],
  );
  const newest = all.find(({ author }) => author !== ours);
  const first = questions.toSorted((one, other) => one.due_at.localeCompare(other.due_at))[0];
  if (all.length + drafts.length + reminders.length === 0) return null;
  return (
    <section className="card" aria-labelledby="watch-notifications">
      <h2 id="watch-notifications" className="desk-title">
        <Trans>Notifications</Trans>
      </h2>
      <ul className="paper-due">
        {first !== undefined && (
          <li>
            <Plural
              value={questions.length}
              one="# question waits for our answer"
              other="# questions wait for our answer"
            />
            <span className="small">
              <Trans>Answer due</Trans> <BothTimes at={first.due_at} parties={[]} />
            </span>
          </li>
        )}
        {drafts.length > 0 && (
          <li>
            <Plural value={drafts.length} one="# draft here" other="# drafts here" />
          </li>
        )}
        {reminders.length > 0 && (
          <li>
            <Plural
              value={reminders.length}
              one="# yearly notification is due"
              other="# yearly notifications are due"
            />
          </li>
        )}
        {newest !== undefined && (
          <li>
            <Link to="/notifications/$hash" params={{ hash: newest.hash }} className="paper-link">
              <bdi>{newest.number}</bdi> <Icon name="next" />
            </Link>
            {newest.is_exercise && <ExerciseMark />}
            <BothTimes at={newest.provided_at ?? newest.sent_at} parties={[newest.author]} />
          </li>
        )}
      </ul>
      <Link to="/notifications" className="button">
        <Trans>All notifications</Trans>
      </Link>
    </section>
  );
}

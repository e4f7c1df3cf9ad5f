import { Link } from "@tanstack/react-router";
import { Trans } from "@lingui/react/macro";

import type { CallRequest } from "../../api/paper-types";
import { ExerciseMark } from "../../components/exercise-mark";
import { Icon } from "../../components/icon";
import { BothTimes } from "../record/both-times";
import { Awaited, CallState, useCalls } from "./calls-page";
import "../notifications/notifications.css";
import "./calls.css";

const SHOWN_MAX = 3;

/** Calls that are asked for or agreed on; nothing on a day without one. */
export default function CallsCard() {
  const all = useCalls().data ?? [];
  const open = all.filter(({ turn, state }) => turn !== null || OPEN.has(state));
  if (open.length === 0) return null;
  return (
    <section className="card" aria-labelledby="watch-calls">
      <h2 id="watch-calls" className="desk-title">
        <Trans>Calls between officials</Trans>
      </h2>
      <ul className="paper-due">
        {open.slice(0, SHOWN_MAX).map((call) => (
          <li key={call.hash}>
            <Link to="/calls/$hash" params={{ hash: call.hash }} className="paper-link">
              <bdi>{call.who_asks}</bdi> <Icon name="next" /> <bdi>{call.who_is_asked}</bdi>
            </Link>
            {call.is_exercise && <ExerciseMark />}
            <Level call={call} />
            <CallState call={call} />
            <Awaited call={call} />
            {call.begins !== null && (
              <span className="small">
                <Trans>Begins</Trans> <BothTimes at={call.begins.at} parties={[call.asker]} />
              </span>
            )}
          </li>
        ))}
      </ul>
      <Link to="/calls" className="button">
        <Trans>All requests</Trans>
      </Link>
    </section>
  );
}

function Level({ call: { level } }: { readonly call: CallRequest }) {
  return (
    <span className="small soft">
      <Trans>Level: {level}</Trans>
    </span>
  );
}

const OPEN: ReadonlySet<string> = new Set(["accepted", "started"]);

import { Link } from "@tanstack/react-router";
import { Trans, useLingui } from "@lingui/react/macro";

import type { CallRequest } from "../../api/paper-types";
import { Chip } from "../../components/chip";
import { Notice } from "../../components/notice";
import { IdentityCheck } from "./identity";
import "../record/record.css";
import "../notifications/notifications.css";
import "./calls.css";

/** The call that a room is for: who speaks, and the six digits before anything of substance. */
export default function CallInRoom({ call }: { readonly call: CallRequest }) {
  const { t } = useLingui();
  const isContradicted = call.mismatches.length > 0;
  const { code } = call.identity;
  return (
    <aside className="call-in-room" aria-label={t`The call of this room`}>
      <p>
        <bdi>{call.who_asks}</bdi> – <bdi>{call.who_is_asked}</bdi>{" "}
        {call.mode === "voice" && <Chip tone="noted" icon="microphone">{t`By voice only`}</Chip>}{" "}
        {call.state === "started" && <Chip tone="good">{t`Both read the same code`}</Chip>}
      </p>
      {call.state === "accepted" && (
        <details className="call-check" open>
          <summary>
            <Trans>Before you speak: read the code to each other</Trans>
          </summary>
          {isContradicted && (
            <Notice tone="cut" icon="warning" isUrgent title={t`Do not trust this room`}>
              <p className="small">
                <Trans>
                  The two devices do not hold the same keys, or somebody speaks who has neither.
                  Leave, reach the other side another way, and begin the check anew together.
                </Trans>
              </p>
            </Notice>
          )}
          <ol className="call-how small">
            <li>
              <Trans>The side that asked reads the six digits first, one by one.</Trans>
            </li>
            <li>
              <Trans>The other side reads them back from its own screen, not from memory.</Trans>
            </li>
            <li>
              <Trans>
                Each looks at its own screen: all six alike, begin; one different, say so and stop.
              </Trans>
            </li>
          </ol>
          <IdentityCheck call={call} />
        </details>
      )}
      {call.state === "started" && code !== null && (
        <p className="small soft">
          <Trans>Code of this call:</Trans>{" "}
          <bdi className="figures">
            {code.slice(0, 3)} {code.slice(3)}
          </bdi>
        </p>
      )}
      <p className="small">
        <Link to="/calls/$hash" params={{ hash: call.hash }} target="_blank">
          <Trans>Everything about this call</Trans>
        </Link>
      </p>
    </aside>
  );
}

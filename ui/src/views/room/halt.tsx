import { Link } from "@tanstack/react-router";
import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";

import { Button } from "../../components/button";
import { Empty } from "../../components/notice";
import { useAttendance, useTools } from "../attendance";
import { refusalWords } from "../words";

/** What stands in place of the stage when the call is over here, and what can be done. */
export function Halt() {
  const { t } = useLingui();
  const { attendance } = useTools();
  const { standing } = useAttendance();
  const isReplaced = standing.state === "replaced";
  const canReturn = isReplaced || standing.state === "refused";
  return (
    <div className="halt" role="alert">
      <Empty icon={isReplaced ? "device" : "leave"} title={useTitle()}>
        {isReplaced && (
          <p>
            <Trans>A room has one seat for you. Nothing is sent from here.</Trans>
          </p>
        )}
        <div className="halt-acts">
          {canReturn && (
            <Button weight="primary" icon="turning" onPress={() => attendance.takeBack()}>
              {isReplaced ? t`Take the seat back here` : t`Try again`}
            </Button>
          )}
          <Link className="button" to="/">
            <Trans>To the desk</Trans>
          </Link>
        </div>
      </Empty>
    </div>
  );
}

function useTitle(): string {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  const { standing, refusal } = useAttendance();
  if (standing.state === "replaced") return t`You joined this room in another tab or browser.`;
  if (standing.state === "ended") return t`The room was closed.`;
  if (standing.state === "left") return t`You left the room.`;
  return refusal === null ? t`You were not let in.` : _(refusalWords(refusal.code, refusal.params));
}

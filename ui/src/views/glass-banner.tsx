import { Link } from "@tanstack/react-router";
import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";

import { Notice } from "../components/notice";
import { useLent } from "./lent";
import { ROLE_WORDS } from "./words";

/** Loud on every page while somebody has, or asks for, a role that is not theirs. */
export function GlassBanner() {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  const asked = useLent();
  return (
    <>
      {asked.map(({ id, person, role: code, reason, state }) => {
        const { name } = person;
        const words = ROLE_WORDS[code];
        const role = words === undefined ? code : _(words);
        return (
          <div key={id} className="glass" data-testid="glass-banner">
            <Notice
              tone="cut"
              icon="warning"
              isUrgent
              title={
                state === "open"
                  ? t`Emergency: ${name} has the role: ${role}`
                  : t`Emergency: ${name} asks for the role: ${role}`
              }
            >
              <p>
                <span dir="auto">{reason}</span>{" "}
                <Link to="/people">
                  <Trans>To the people</Trans>
                </Link>
              </p>
            </Notice>
          </div>
        );
      })}
    </>
  );
}

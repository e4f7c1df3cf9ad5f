import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";

import { readBrokenGlass } from "../api/people";
import type { BrokenGlass } from "../api/people-types";
import { Notice } from "../components/notice";
import { useDesk } from "./desk/context";
import { ROLE_WORDS } from "./words";

/** Soon enough that nobody works long beside it unaware. */
const ASK_EVERY_MS = 15_000;

/** Asked for, or lent now. */
export function isPending({ state }: BrokenGlass): boolean {
  return state === "asked" || state === "open";
}

/** Loud on every page while somebody has, or asks for, a role that is not theirs. */
export function GlassBanner() {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  const { self } = useDesk();
  const may = self?.may.some((act) => act === "office.read") ?? false;
  const read = useQuery({
    queryKey: ["break-glass"],
    queryFn: readBrokenGlass,
    refetchInterval: ASK_EVERY_MS,
    enabled: may,
    retry: false,
  });
  const asked = may ? (read.data ?? []).filter(isPending) : [];
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

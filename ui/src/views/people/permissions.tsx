import { useQuery } from "@tanstack/react-query";
import { Trans, useLingui } from "@lingui/react/macro";

import { readPermissions } from "../../api/people";
import type { PermissionRow } from "../../api/people-types";
import { Problem } from "../problem";
import { useActWord } from "./acts";
import { ROLES, useRoleWord } from "./roles";

/** Who may do what, as the node decides it. */
export function Permissions() {
  const { t } = useLingui();
  const word = useRoleWord();
  const act = useActWord();
  const read = useQuery({ queryKey: ["permissions"], queryFn: readPermissions });
  return (
    <section className="card people-card" aria-labelledby="permissions-title">
      <h2 id="permissions-title" className="desk-title">
        <Trans>Who may do what</Trans>
      </h2>
      <Problem error={read.error} />
      {read.data !== undefined && (
        <div
          className="scroll"
          role="region"
          aria-label={t`Roles`}
          // Wider than a phone: whoever has no mouse scrolls it with the arrow keys.
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
          tabIndex={0}
        >
          <table className="figures-table">
            <thead>
              <tr>
                <th scope="col">
                  <Trans>Act</Trans>
                </th>
                {ROLES.map((role) => (
                  <th key={role} scope="col">
                    {word(role)}
                  </th>
                ))}
                <th scope="col">
                  <Trans>Also needed</Trans>
                </th>
              </tr>
            </thead>
            <tbody>
              {read.data.acts.map((row) => (
                <tr key={row.act}>
                  <th scope="row">{act(row.act)}</th>
                  {ROLES.map((role) => (
                    <td key={role}>
                      <Reach whose={row.roles[role] ?? []} />
                    </td>
                  ))}
                  <td>
                    <Needed needs={row.needs} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Reach({ whose }: { readonly whose: readonly string[] }) {
  const { t } = useLingui();
  const words: Readonly<Record<string, string>> = {
    self: t`own`,
    own: t`ours`,
    foreign: t`theirs`,
  };
  if (whose.length === 0) {
    return (
      <span className="soft">
        <span aria-hidden="true">–</span>
        <span className="unseen">
          <Trans>no</Trans>
        </span>
      </span>
    );
  }
  return <>{whose.map((each) => words[each] ?? each).join(", ")}</>;
}

function Needed({ needs }: { readonly needs: PermissionRow["needs"] }) {
  if (needs === "step_up") return <Trans>passkey</Trans>;
  if (needs === "signature") return <Trans>passkey over the entry</Trans>;
  return null;
}

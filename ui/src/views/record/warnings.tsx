import { Trans, useLingui } from "@lingui/react/macro";

import type { RecordSpace } from "../../api/record-types";
import { Notice } from "../../components/notice";
import { troubled } from "../../state/record/timeline";
import { useDesk } from "../desk/context";

/** What a reader of this record must know before reading: a cut line, a log that is not fresh. */
export function Warnings({ space }: { readonly space: RecordSpace }) {
  const { t } = useLingui();
  const { self, lines } = useDesk();
  const cut = (lines ?? []).filter(
    (line) => line.state === "cut" && space.members.some((party) => party.id === line.party.id),
  );
  return (
    <>
      {cut.map(({ party }) => {
        const { name } = party;
        return (
          <Notice key={party.id} tone="cut" icon="cut" title={t`The line to ${name} is cut.`}>
            <p>
              <Trans>
                You can go on writing: it is queued here, and goes by itself when the line is back.
              </Trans>
            </p>
          </Notice>
        );
      })}
      {troubled(space, self?.party.id ?? null).map(({ log, standing, party }) => {
        const { name } = party;
        if (standing === "disputed") {
          return (
            <Notice
              key={log}
              tone="cut"
              icon="warning"
              isUrgent
              title={t`${name} contradicted itself in its log.`}
            >
              <p>
                <Trans>
                  It signed two things that cannot both be true. The evidence is kept and anyone can
                  check it; only people can settle this.
                </Trans>
              </p>
            </Notice>
          );
        }
        if (standing === "frozen") {
          return (
            <Notice
              key={log}
              tone="cut"
              icon="warning"
              isUrgent
              title={t`The key of ${name} was stolen, as its root says.`}
            >
              <p>
                <Trans>
                  Its log counts up to where we had signed for it. What the stolen key signs now is
                  set aside. Speak with them by another road until they go on under a new key.
                </Trans>
              </p>
            </Notice>
          );
        }
        const title =
          standing === "silent"
            ? t`Nothing new has come from the log of ${name} for three minutes or more.`
            : t`The log of ${name} is late.`;
        return (
          <Notice
            key={log}
            tone={standing === "silent" ? "poor" : "fair"}
            icon="warning"
            title={title}
          />
        );
      })}
    </>
  );
}

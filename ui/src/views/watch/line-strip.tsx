import { Link } from "@tanstack/react-router";
import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";

import { Chip } from "../../components/chip";
import { Empty } from "../../components/notice";
import { useFormat } from "../../i18n/format";
import { inOrder, severity } from "../../state/desk/line";
import { Age } from "../desk/age";
import { useDesk } from "../desk/context";
import { LINE_SILENCE_WORDS } from "../desk/words";
import { LINE_WORDS } from "../words";
import { useNodeNow } from "./live";

/** The lines, each with the age of its last proof of life and the time it is over there. */
export function LineStrip() {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  const format = useFormat();
  const now = useNodeNow();
  const { lines, contact } = useDesk();
  const isProved = contact === "live";
  return (
    <section className="card" aria-labelledby="strip-title">
      <h2 id="strip-title" className="desk-title">
        <Trans>Lines</Trans>
      </h2>
      {lines === null && <Empty icon="line" title={t`Asking your node for its lines`} isWaiting />}
      {lines?.length === 0 && (
        <p className="soft small">
          <Trans>No line yet</Trans>
        </p>
      )}
      <ul className="strip">
        {inOrder(lines ?? []).map((line) => {
          const { name, time_zone } = line.party;
          const word = _(LINE_WORDS[line.state]);
          const skew = Math.round(Math.abs(line.clock_skew_s ?? 0) * 10) / 10;
          const apart = format.number(skew);
          return (
            <li key={line.party.id} className="strip-line" data-testid={`strip-${line.party.id}`}>
              <Link to="/" className="strip-name">
                {name}
              </Link>
              <Chip tone={isProved ? severity(line.state) : "unknown"}>
                {isProved ? word : t`${word}, not proved now`}
              </Chip>
              {line.silence !== null && isProved && (
                <span className="small">{_(LINE_SILENCE_WORDS[line.silence])}</span>
              )}
              <span className="small soft">
                <Trans>Last proof of life</Trans> <Age at={line.last_proof_at} />
              </span>
              <span className="small">
                <bdi className="figures">{format.time(now, time_zone)}</bdi>{" "}
                <span className="soft">{format.zone(time_zone, now)}</span>
                {line.clock_skew_s !== null && (
                  <span className="soft">
                    {" · "}
                    <Trans>clocks {apart} s apart</Trans>
                  </span>
                )}
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

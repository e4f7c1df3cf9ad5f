import { Trans, useLingui } from "@lingui/react/macro";

import { Chip } from "../../components/chip";
import { Icon } from "../../components/icon";
import { useNow } from "../../components/now";
import { useFormat } from "../../i18n/format";
import { useDesk } from "./context";

/** One's own node: which it is, since when, and whether it answers. */
export function NodeCard() {
  const { t } = useLingui();
  const format = useFormat();
  const now = useNow();
  const { self, contact, heard_at, node } = useDesk();
  const zone = self?.party.time_zone ?? "UTC";
  const age = heard_at === null ? null : Math.max(0, Math.floor((now - heard_at) / 1_000));
  return (
    <section className="card" aria-labelledby="node-title">
      <h2 id="node-title" className="desk-title">
        <Icon name="node" />
        <Trans>Your node</Trans>
      </h2>
      <dl className="facts">
        <dt>
          <Trans>Answers</Trans>
        </dt>
        <dd>
          {contact === "live" && <Chip tone="good">{t`Yes`}</Chip>}
          {contact === "connecting" && <Chip tone="unknown" icon="turning">{t`Asking`}</Chip>}
          {contact === "silent" && <Chip tone="cut">{t`No`}</Chip>}{" "}
          {age !== null && <span className="figures small soft">{format.age(age)}</span>}
        </dd>
        {self !== null && (
          <>
            <dt>
              <Trans>Party</Trans>
            </dt>
            <dd>{self.party.name}</dd>
            <dt>
              <Trans>Time there</Trans>
            </dt>
            <dd className="figures">
              {format.time(now, zone)} <span className="soft small">{format.zone(zone, now)}</span>
            </dd>
            <dt>
              <Trans>Running since</Trans>
            </dt>
            <dd>{format.instant(self.node.started_at, zone)}</dd>
            {node !== null && (
              <>
                <dt>
                  <Trans>Last backup</Trans>
                </dt>
                <dd data-testid="last-backup">
                  {node.backup_at === null
                    ? t`None known of`
                    : format.instant(node.backup_at, zone)}
                </dd>
              </>
            )}
            <dt>
              <Trans>Version</Trans>
            </dt>
            <dd>
              <bdi className="figures">{self.node.version}</bdi>
            </dd>
          </>
        )}
      </dl>
    </section>
  );
}

import { useLingui as useCatalogue } from "@lingui/react";
import { Plural, Trans, useLingui } from "@lingui/react/macro";

import { evidenceAddress, readExport } from "../../api/record";
import type { RecordLog, RecordSpace } from "../../api/record-types";
import { Button } from "../../components/button";
import { Chip } from "../../components/chip";
import { Icon } from "../../components/icon";
import { useFormat } from "../../i18n/format";
import { STANDING_SEVERITY } from "../../state/record/timeline";
import { Age } from "../desk/age";
import { useDesk } from "../desk/context";
import { Problem } from "../problem";
import { useBinding } from "../step-up";
import { STANDING_WORDS } from "./words";

/** The logs of a space: how far each goes, who holds it, whether it can be relied on now. */
export function LogsCard(props: { readonly space: RecordSpace; readonly onVerify: () => void }) {
  const { t } = useLingui();
  const { space } = props;
  const { contact, self } = useDesk();
  const take = useBinding(download, () => undefined);
  const mayExport = self === null || self.may.length === 0 || self.may.includes("record.export");
  return (
    <section className="card logs" aria-labelledby="logs-title">
      <h2 id="logs-title" className="desk-title">
        <Trans>Logs</Trans>
      </h2>
      <ul className="logs-list">
        {space.logs.map((log) => (
          <LogItem key={log.log} log={log} space={space} />
        ))}
      </ul>
      {mayExport && (
        <div className="logs-acts">
          <Button
            icon="up"
            weight="primary"
            data-testid="verify"
            isDisabled={contact === "silent"}
            onPress={props.onVerify}
          >
            {t`Verify in this browser`}
          </Button>
          <Button
            icon="into"
            data-testid="download"
            isDisabled={take.isPending}
            onPress={() => take.run(space)}
          >
            {t`Download the record`}
          </Button>
          <Problem error={take.error} />
          {take.sheet}
        </div>
      )}
    </section>
  );
}

/** Fetched before it is saved: a refusal is then said here and not saved as a file. */
async function download(space: RecordSpace): Promise<void> {
  const address = URL.createObjectURL(await readExport(space.id, new AbortController().signal));
  const link = document.createElement("a");
  link.href = address;
  link.download = `record-${space.id.slice(0, 8)}.zip`;
  link.click();
  URL.revokeObjectURL(address);
}

function LogItem({ log, space }: { readonly log: RecordLog; readonly space: RecordSpace }) {
  const { _ } = useCatalogue();
  const { t } = useLingui();
  const { self, contact } = useDesk();
  const isOurs = log.party.id === self?.party.id;
  const state = _(STANDING_WORDS[log.standing]);
  return (
    <li className="log" data-testid={`log-${log.party.id}`} data-standing={log.standing}>
      <p className="log-head">
        <strong>{log.party.name}</strong>
        {contact === "live" ? (
          <Chip tone={STANDING_SEVERITY[log.standing]}>{state}</Chip>
        ) : (
          <Chip tone="unknown">{t`${state}, not proved now`}</Chip>
        )}
      </p>
      {isOurs && log.state !== "open" && (
        <p className="small">
          <OwnState state={log.state} />
        </p>
      )}
      <p className="small soft">
        <Plural value={log.size} one="# entry" other="# entries" />
        {" · "}
        <Trans>
          signed <Age at={log.signed_at} />
        </Trans>
      </p>
      <ul className="small soft">
        {log.held.map((each) => (
          <Held key={each.party_id} held={each} log={log} space={space} />
        ))}
      </ul>
      {log.set_aside_count > 0 && (
        <p className="small">
          <Icon name="aside" />{" "}
          <Plural
            value={log.set_aside_count}
            one="# entry is set aside"
            other="# entries are set aside"
          />
        </p>
      )}
      {log.evidence_count > 0 && (
        <a className="button button-danger" href={evidenceAddress(log.log)} download>
          <Icon name="warning" />
          <span>
            <Trans>Download the evidence</Trans>
          </span>
        </a>
      )}
    </li>
  );
}

function Held(props: {
  readonly held: RecordLog["held"][number];
  readonly log: RecordLog;
  readonly space: RecordSpace;
}) {
  const format = useFormat();
  const { held, log } = props;
  const holder = props.space.members.find((party) => party.id === held.party_id)?.name ?? "";
  const count = format.number(held.size);
  return (
    <li>
      {held.size >= log.size ? (
        <Trans>{holder} holds all of it</Trans>
      ) : (
        <Trans>
          {holder} holds {count} of it
        </Trans>
      )}
    </li>
  );
}

function OwnState({ state }: { readonly state: string }) {
  if (state === "closed") return <Trans>This log has ended; the next epoch goes on.</Trans>;
  if (state === "keyless") {
    return <Trans>The key of this log is not on your node. Call the engineer.</Trans>;
  }
  if (state === "restored") {
    return (
      <Trans>
        Nothing is written yet: your node came out of a backup and waits until every other party has
        shown how far this log went.
      </Trans>
    );
  }
  if (state === "forked") {
    return <Trans>This log has ended: the other party holds another one. Call the engineer.</Trans>;
  }
  return (
    <Trans>
      Nothing is written yet: your node waits until the other party has shown how far this log went.
    </Trans>
  );
}

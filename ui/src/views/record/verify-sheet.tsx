import { useLingui as useCatalogue } from "@lingui/react";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useState } from "react";
import { ProgressBar } from "react-aria-components";

import { readExport } from "../../api/record";
import type { RecordSpace } from "../../api/record-types";
import { Button } from "../../components/button";
import { Chip } from "../../components/chip";
import { Notice } from "../../components/notice";
import { Sheet } from "../../components/sheet";
import { VerificationError } from "../../errors";
import { useFormat } from "../../i18n/format";
import type { Account, LogTold } from "../../record/contract";
import { checkedIn, troublesIn } from "../../state/record/findings";
import { Problem } from "../problem";
import { needsStepUp, StepUpSheet } from "../step-up";
import { CrisesTold } from "./crises-told";
import { useVerifier } from "./verifier";
import { TROUBLE_FOUND } from "./words";

type Stage =
  | { readonly stage: "fetching" }
  | { readonly stage: "checking"; readonly share: number }
  | { readonly stage: "told"; readonly account: Account }
  | { readonly stage: "failed"; readonly error: Error };

/** The whole record of a space, checked in this browser. */
export function VerifySheet(props: { readonly space: RecordSpace; readonly onClose: () => void }) {
  const [attempt, setAttempt] = useState(0);
  return <Attempt {...props} key={attempt} onAgain={() => setAttempt(attempt + 1)} />;
}

function Attempt(props: {
  readonly space: RecordSpace;
  readonly onClose: () => void;
  readonly onAgain: () => void;
}) {
  const { t } = useLingui();
  const stage = useCheck(props.space);
  if (stage.stage === "failed" && needsStepUp(stage.error)) {
    return <StepUpSheet onClose={props.onClose} onDone={props.onAgain} />;
  }
  return (
    <Sheet title={t`The record, checked in this browser`} isOpen onClose={props.onClose}>
      {stage.stage === "fetching" && (
        <p className="pulse" role="status">
          <Trans>Your node puts the whole record into one file.</Trans>
        </p>
      )}
      {stage.stage === "checking" && <Checking share={stage.share} />}
      {stage.stage === "failed" &&
        (stage.error instanceof VerificationError ? (
          <Notice tone="cut" icon="cut" isUrgent title={t`The file cannot be read as a record.`}>
            <p lang="en">{stage.error.reason}</p>
          </Notice>
        ) : (
          <Problem error={stage.error} />
        ))}
      {stage.stage === "told" && <Told account={stage.account} space={props.space} />}
      <div className="sheet-acts">
        <Button onPress={props.onClose} autoFocus>
          {stage.stage === "told" || stage.stage === "failed" ? t`Close` : t`Stop`}
        </Button>
      </div>
    </Sheet>
  );
}

/** Asks for the export and has it checked; leaving the sheet stops both. */
function useCheck(space: RecordSpace): Stage {
  const verifier = useVerifier();
  const [stage, setStage] = useState<Stage>({ stage: "fetching" });
  const { id } = space;
  const members = space.members.map((party) => party.id).join(" ");
  useEffect(() => {
    const stop = new AbortController();
    const check = async () => {
      const file = await readExport(id, stop.signal);
      setStage({ stage: "checking", share: 0 });
      const onProgress = (share: number) => setStage({ stage: "checking", share });
      return verifier.checkExport(file, members.split(" "), onProgress, stop.signal);
    };
    check().then(
      (account) => setStage({ stage: "told", account }),
      (error: unknown) => {
        if (!stop.signal.aborted) setStage({ stage: "failed", error: error as Error });
      },
    );
    return () => stop.abort();
  }, [id, members, verifier]);
  return stage;
}

function Checking({ share }: { readonly share: number }) {
  const { t } = useLingui();
  const format = useFormat();
  const percent = format.share(Math.round(share * 100) / 100);
  return (
    <ProgressBar aria-label={t`Checking`} value={share} maxValue={1} valueLabel={percent}>
      {({ percentage = 0 }) => (
        <>
          <p>
            <Trans>
              Checking: <span className="figures">{percent}</span>
            </Trans>
          </p>
          <svg className="meter" width="100%" height="8" aria-hidden="true">
            <rect className="meter-bar" height="8" width={`${percentage}%`} />
          </svg>
        </>
      )}
    </ProgressBar>
  );
}

function Told(props: { readonly account: Account; readonly space: RecordSpace }) {
  const { t } = useLingui();
  const { account } = props;
  const nameOf = (id: string) => props.space.members.find((party) => party.id === id)?.name ?? id;
  return (
    <div className="told" data-testid="told" data-verdict={account.verdict}>
      {account.verdict === 0 && <Notice tone="good" icon="up" title={t`The record holds.`} />}
      {account.verdict === 1 && (
        <Notice tone="cut" icon="cut" isUrgent title={t`The record does NOT hold.`} />
      )}
      {account.verdict === 3 && (
        <Notice tone="fair" icon="warning" title={t`What is here holds; something is missing.`} />
      )}
      <Troubles account={account} />
      <ul className="told-logs">
        {account.logs.map((log) => (
          <LogLine key={log.log} log={log} nameOf={nameOf} />
        ))}
      </ul>
      <CrisesTold
        crises={account.crises ?? []}
        isProved={account.logs.every((log) => log.holds)}
        nameOf={nameOf}
      />
      <WhatWasChecked account={account} />
    </div>
  );
}

function Troubles({ account }: { readonly account: Account }) {
  const { _ } = useCatalogue();
  const { t } = useLingui();
  return (
    <ul className="troubles">
      {troublesIn(account).map(({ trouble, is_gap, findings }) => (
        <li key={`${trouble} ${String(is_gap)}`}>
          <p>
            <Chip tone={is_gap ? "fair" : "cut"}>{is_gap ? t`Missing` : t`Wrong`}</Chip>{" "}
            <strong>{_(TROUBLE_FOUND[trouble])}</strong>
          </p>
          <ul className="small soft" lang="en" dir="ltr">
            {findings.slice(0, 20).map((finding) => (
              <li key={`${finding.code} ${finding.where} ${finding.text}`}>{finding.text}</li>
            ))}
          </ul>
        </li>
      ))}
    </ul>
  );
}

function LogLine(props: { readonly log: LogTold; readonly nameOf: (id: string) => string }) {
  const { t } = useLingui();
  const format = useFormat();
  const { log, nameOf } = props;
  const [party = "", epoch = "0"] = log.log.split("/");
  const held = Object.entries(log.held_by);
  return (
    <li className="told-log">
      <p>
        <Chip tone={log.holds ? "good" : "cut"}>
          {log.holds ? t`as its party signed it` : t`NOT as its party signed it`}
        </Chip>{" "}
        <strong>{nameOf(party)}</strong>{" "}
        {epoch !== "0" && <span className="soft">{t`epoch ${epoch}`}</span>}
      </p>
      <p className="small soft">
        <Plural value={log.entries} one="# entry" other="# entries" />
        {held.map(([id, { entries }]) => {
          const holder = nameOf(id);
          const count = format.number(entries);
          return <span key={id}> · {t`${holder} holds ${count}`}</span>;
        })}
      </p>
    </li>
  );
}

function WhatWasChecked({ account }: { readonly account: Account }) {
  const format = useFormat();
  const { logs, entries, set_aside, agreed } = checkedIn(account);
  const [all, said, aside, both] = [logs, entries, set_aside, agreed].map((each) =>
    format.number(each),
  );
  return (
    <>
      <h3>
        <Trans>What was checked</Trans>
      </h3>
      <ul className="checked small">
        <li>
          <Trans>
            {all} logs, {said} entries: each hash, each tree, each signature of the parties.
          </Trans>
        </li>
        <li>
          <Trans>What each party saw of the others, and the times by both clocks.</Trans>
        </li>
        <li>
          <Trans>
            {aside} entries are set aside; {both} agreements are made by all who were named.
          </Trans>
        </li>
      </ul>
      <h3>
        <Trans>What was not</Trans>
      </h3>
      <ul className="checked small">
        <li>
          <Trans>
            That these party ids are those institutions: compare them with what you were given.
          </Trans>
        </li>
        <li>
          <Trans>
            This page itself, which comes from your node. To trust neither, check the file on
            another machine with <code>parley verify</code>.
          </Trans>
        </li>
        <li>
          <Trans>What was never written into the record.</Trans>
        </li>
      </ul>
    </>
  );
}

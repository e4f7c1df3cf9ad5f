import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Label, TextArea, TextField } from "react-aria-components";

import { writeStanding } from "../../api/checks";
import {
  ACCEPTED,
  type CheckLine,
  type PartyStanding,
  type StandingWords,
} from "../../api/check-types";
import { Button } from "../../components/button";
import { Chip } from "../../components/chip";
import { Choice, Toggle } from "../../components/choice";
import { useNow } from "../../components/now";
import { Question } from "../../components/question";
import { hasBegun, steps } from "../../state/checks/checks";
import { InstantField } from "../calls/instant-field";
import { useDesk } from "../desk/context";
import { Problem } from "../problem";
import { BothTimes } from "../record/both-times";
import { useBinding } from "../step-up";
import { useChecksAgain } from "./live";
import { ACCEPTED_WORDS, LINE_STANDING_WORDS } from "./words";

type Step = ReturnType<typeof steps>[number];
/** What goes on while a line is suspended. */
type Scoped = Pick<StandingWords, "alerts" | "has_checks">;
const REASON_MAX = 2_000;

/** Whether the line is in use, as each party has written; and what a person here can write. */
export function StandingCard({ line }: { readonly line: CheckLine }) {
  const { self } = useDesk();
  const [step, setStep] = useState<Step | null>(null);
  const may = self?.may ?? [];
  const { party } = line;
  return (
    <div className="check-standing">
      <ul className="strip">
        {line.standings.map((each) => (
          <li key={String(each.is_ours)} className="strip-line">
            <span className="strip-name">{each.is_ours ? <Trans>We</Trans> : party}</span>
            <Standing standing={each} line={line} />
          </li>
        ))}
      </ul>
      <div className="sheet-acts">
        {line.standings.flatMap((each) =>
          steps(each, may).map((one) => (
            <StepButton key={one} step={one} onPress={() => setStep(one)} />
          )),
        )}
      </div>
      {step !== null && <StepSheet line={line} step={step} onClose={() => setStep(null)} />}
    </div>
  );
}

function Standing({
  standing,
  line,
}: {
  readonly standing: PartyStanding;
  readonly line: CheckLine;
}) {
  const { _ } = useCatalogue();
  const now = useNow();
  const isQuiet = standing.standing === "in_use";
  return (
    <span>
      <Chip tone={isQuiet ? "good" : "fair"}>{_(LINE_STANDING_WORDS[standing.standing])}</Chip>{" "}
      {!isQuiet && standing.from_at !== null && (
        <span className="small">
          <Trans>
            from <BothTimes at={standing.from_at} parties={[line.party_id]} />
          </Trans>{" "}
          {!hasBegun(standing, now) && <Trans>That is still to come.</Trans>}
        </span>
      )}{" "}
      <Scope standing={standing} />{" "}
      {!isQuiet && standing.reason !== null && standing.reason !== "" && (
        <q className="small" dir="auto">
          {standing.reason}
        </q>
      )}
    </span>
  );
}

/** What goes on while the line is suspended. */
function Scope({ standing }: { readonly standing: PartyStanding }) {
  const { _ } = useCatalogue();
  const { standing: state, alerts, has_checks } = standing;
  if (state === "in_use" || state === "ended" || alerts === null) return null;
  return (
    <span className="small">
      {_(ACCEPTED_WORDS[alerts])}.{" "}
      {has_checks === true ? <Trans>Line checks go on.</Trans> : <Trans>Line checks rest.</Trans>}
    </span>
  );
}

function StepButton({ step, onPress }: { readonly step: Step; readonly onPress: () => void }) {
  const { t } = useLingui();
  const words: Readonly<Record<Step, string>> = {
    suspend: t`Suspend the line…`,
    resume: t`Resume the line…`,
    end: t`End the line…`,
    concur: t`Sign as the second person…`,
    drop: t`Take it back…`,
  };
  return (
    <Button
      data-testid={`standing-${step}`}
      weight={step === "concur" ? "primary" : "plain"}
      onPress={onPress}
    >
      {words[step]}
    </Button>
  );
}

function StepSheet(props: {
  readonly line: CheckLine;
  readonly step: Step;
  readonly onClose: () => void;
}) {
  const { t } = useLingui();
  const { line, step, onClose } = props;
  const again = useChecksAgain();
  const [reason, setReason] = useState("");
  const [starts, setStarts] = useState("");
  const [scope, setScope] = useState<Scoped>({ alerts: "flash", has_checks: true });
  const act = useBinding<null>(
    async () =>
      writeStanding(line.party_id, {
        step,
        reason: reason.trim(),
        starts: starts === "" ? null : starts,
        ...scope,
      }),
    () => {
      again();
      onClose();
    },
  );
  const isWritten = step !== "concur" && step !== "drop";
  const { party } = line;
  const titles: Readonly<Record<Step, string>> = {
    suspend: t`Suspend the line with ${party}?`,
    resume: t`Resume the line with ${party}?`,
    end: t`End the line with ${party}?`,
    concur: t`Sign as the second person?`,
    drop: t`Take it back?`,
  };
  /** What waits for the second signature, or is taken back. */
  const waiting = line.standings.find(
    ({ is_ours, waits_for_second }) => is_ours && waits_for_second,
  );
  return (
    <>
      <Question
        title={titles[step]}
        no={t`Not now`}
        yes={t`Sign with a passkey`}
        isDangerous={step === "end"}
        isPending={act.isPending}
        onNo={onClose}
        onYes={() => act.run(null)}
      >
        <p>
          <Trans>
            It stands in the record of both sides. It counts once two people of our party have
            signed it.
          </Trans>
        </p>
        {!isWritten && waiting !== undefined && (
          <p>
            <Standing standing={waiting} line={line} />
          </p>
        )}
        {isWritten && (
          <>
            <InstantField
              label={t`From when; empty: at once`}
              value={starts}
              parties={[line.party_id]}
              testId="standing-starts"
              onChange={setStarts}
            />
            <TextField className="field" value={reason} onChange={setReason} maxLength={REASON_MAX}>
              <Label className="field-label">
                <Trans>Reason, if you give one</Trans>
              </Label>
              <TextArea dir="auto" rows={3} />
            </TextField>
          </>
        )}
        {step === "suspend" && <ScopeFields scope={scope} onChange={setScope} />}
        <Problem error={act.error} />
      </Question>
      {act.sheet}
    </>
  );
}

function ScopeFields(props: {
  readonly scope: Scoped;
  readonly onChange: (scope: Scoped) => void;
}) {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  const { scope, onChange } = props;
  return (
    <>
      <Choice
        label={t`What is still accepted`}
        options={ACCEPTED.map((each) => ({ id: each, label: _(ACCEPTED_WORDS[each]) }))}
        value={scope.alerts}
        onChange={(id) => {
          const alerts = ACCEPTED.find((each) => each === id) ?? "flash";
          onChange({ ...scope, alerts });
        }}
      />
      <Toggle isOn={scope.has_checks} onChange={(has_checks) => onChange({ ...scope, has_checks })}>
        <Trans>Line checks go on</Trans>
      </Toggle>
    </>
  );
}

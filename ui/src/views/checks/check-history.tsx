import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";

import type { CheckLine, LineCheck } from "../../api/check-types";
import { ExerciseMark } from "../../components/exercise-mark";
import { cells } from "../../state/checks/checks";
import { BothTimes } from "../record/both-times";
import { PROVED_WORDS, SILENCE_WORDS } from "./words";

/** The last checks as a strip of cells, each with a letter; the chosen one in words below. */
export function CheckHistory({ line }: { readonly line: CheckLine }) {
  const { t } = useLingui();
  const [name, setName] = useState<string | null>(null);
  const { party } = line;
  if (line.history.length === 0) {
    return (
      <p className="soft">
        <Trans>No check has been due yet.</Trans>
      </p>
    );
  }
  const chosen = line.history.find((check) => check.name === name) ?? line.history[0];
  return (
    <div className="check-history">
      <ol className="check-strip" aria-label={t`Last checks of the line to ${party}`}>
        {cells(line.history).map((cell) => (
          <li key={cell.name}>
            <button
              type="button"
              className={`check-cell check-${cell.tone}`}
              aria-pressed={chosen?.name === cell.name}
              onClick={() => setName(cell.name)}
            >
              <span aria-hidden>{cell.letter}</span>
              <CellName check={line.history.find((check) => check.name === cell.name)} />
            </button>
          </li>
        ))}
      </ol>
      {chosen !== undefined && <Chosen line={line} check={chosen} />}
    </div>
  );
}

function CellName({ check }: { readonly check: LineCheck | undefined }) {
  const { _ } = useCatalogue();
  if (check === undefined) return null;
  return (
    <span className="unseen">
      {check.state === "confirmed" && <Trans>kept</Trans>}
      {check.state === "missed" && check.cause !== null && _(SILENCE_WORDS[check.cause])}
      {check.turn !== "nobody" && <Trans>under way</Trans>}
    </span>
  );
}

function Chosen({ line, check }: { readonly line: CheckLine; readonly check: LineCheck }) {
  const { _ } = useCatalogue();
  const { party } = line;
  return (
    <dl className="pairs" data-testid="check-chosen">
      {check.is_exercise && (
        <>
          <dt>
            <Trans>What it is</Trans>
          </dt>
          <dd>
            <ExerciseMark />
          </dd>
        </>
      )}
      <dt>
        <Trans>Due</Trans>
      </dt>
      <dd>
        <BothTimes at={check.due_at} parties={[line.party_id]} />
      </dd>
      <dt>
        <Trans>Begun by</Trans>
      </dt>
      <dd>{check.is_ours ? <Trans>us</Trans> : party}</dd>
      <dt>
        <Trans>Outcome</Trans>
      </dt>
      <dd>
        {check.state === "confirmed" && <Trans>Kept: a person at each end.</Trans>}
        {check.turn !== "nobody" && <Trans>Under way.</Trans>}
        {check.state === "missed" && check.cause !== null && (
          <>
            <strong>{_(SILENCE_WORDS[check.cause])}</strong>{" "}
            {check.silent === "us" && <Trans>at our end</Trans>}
            {check.silent === "them" && <Trans>at {party}</Trans>}
          </>
        )}
      </dd>
      {check.proved !== null && (
        <>
          <dt>
            <Trans>Last proven</Trans>
          </dt>
          <dd>
            {_(PROVED_WORDS[check.proved])}{" "}
            {check.proved_at !== null && (
              <BothTimes at={check.proved_at} parties={[line.party_id]} isShort />
            )}
          </dd>
        </>
      )}
      {check.words !== null && (
        <>
          <dt>
            <Trans>In their words</Trans>
          </dt>
          <dd dir="auto">{check.words}</dd>
        </>
      )}
    </dl>
  );
}

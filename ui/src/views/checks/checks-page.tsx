import { Link } from "@tanstack/react-router";
import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";

import { seeNotices, sendCheck } from "../../api/checks";
import type { CheckLine } from "../../api/check-types";
import { Button } from "../../components/button";
import { Chip } from "../../components/chip";
import { Empty } from "../../components/notice";
import { inOrder } from "../../state/checks/checks";
import { Problem } from "../problem";
import { BothTimes } from "../record/both-times";
import { useBinding } from "../step-up";
import { useMay } from "../watch/live";
import { CheckHistory } from "./check-history";
import { CheckNow } from "./check-now";
import { useChecks, useChecksAgain } from "./live";
import { StandingCard } from "./standing-card";
import { PROFILE_WORDS } from "./words";
import "./checks.css";

/** Line checks: what is due now, what came of the last ones, and whether each line is in use. */
export function ChecksPage() {
  const { t } = useLingui();
  const read = useChecks();
  return (
    <main id="main" className="page checks">
      <header className="page-head">
        <h1>
          <Trans>Line checks</Trans>
        </h1>
        <Link to="/watch" className="button">
          <Trans>Back to the watch</Trans>
        </Link>
      </header>
      {read.isPending && (
        <Empty icon="aside" title={t`Asking your node for the checks`} isWaiting />
      )}
      <Problem error={read.error} />
      {read.data?.length === 0 && <Empty icon="aside" title={t`There is no line yet`} />}
      {inOrder(read.data ?? []).map((line) => (
        <LineOfChecks key={line.space} line={line} />
      ))}
    </main>
  );
}

function LineOfChecks({ line }: { readonly line: CheckLine }) {
  const { _ } = useCatalogue();
  const id = `checks-${line.party_id}`;
  return (
    <section className="card" aria-labelledby={id} data-testid="check-line">
      <header className="card-head">
        <h2 id={id} className="desk-title">
          {line.party}
        </h2>
        <span className="soft">{_(PROFILE_WORDS[line.profile] ?? PROFILE_WORDS["off"]!)}</span>
      </header>
      <Notices line={line} />
      {line.now === null ? (
        <Quiet line={line} />
      ) : (
        <CheckNow key={line.now.name} line={line} check={line.now} />
      )}
      <h3>
        <Trans>Last checks</Trans>
      </h3>
      <CheckHistory line={line} />
      <h3>
        <Trans>Standing of the line</Trans>
      </h3>
      <StandingCard line={line} />
    </section>
  );
}

/** Nothing is under way: when the next checks are due, and whose turn each is. */
function Quiet({ line }: { readonly line: CheckLine }) {
  const { t } = useLingui();
  const again = useChecksAgain();
  const maySend = useMay("check.send");
  const { party } = line;
  const send = useBinding<boolean>(
    async (isExercise) => sendCheck(line.party_id, null, isExercise),
    again,
  );
  return (
    <div className="check-quiet">
      <ul className="strip">
        {line.next.map((each) => (
          <li key={each.due_at} className="strip-line">
            <BothTimes at={each.due_at} parties={[line.party_id]} />
            <span>
              {each.is_ours ? <Trans>our turn</Trans> : <Trans>the turn of {party}</Trans>}
            </span>
          </li>
        ))}
      </ul>
      {maySend && (
        <div className="sheet-acts">
          <Button
            data-testid="check-unscheduled"
            isDisabled={send.isPending}
            onPress={() => send.run(false)}
          >
            {t`Check the line now`}
          </Button>
          <Button
            weight="quiet"
            data-testid="check-exercise"
            isDisabled={send.isPending}
            onPress={() => send.run(true)}
          >
            {t`Check it as an exercise`}
          </Button>
        </div>
      )}
      <Problem error={send.error} />
      {send.sheet}
    </div>
  );
}

/** Two misses in a row: to our own people alone. */
function Notices({ line }: { readonly line: CheckLine }) {
  const { t } = useLingui();
  const again = useChecksAgain();
  const seen = useBinding<null>(async () => seeNotices(line.party_id), again);
  if (line.notices.length === 0) return null;
  return (
    <div className="check-notice" role="status">
      <Chip tone="cut">{t`Two checks in a row were missed`}</Chip>
      <span className="small">
        <Trans>Engineer and releaser of our party are to look. The other party is not told.</Trans>
      </span>
      <Button isDisabled={seen.isPending} onPress={() => seen.run(null)}>{t`Seen`}</Button>
      <Problem error={seen.error} />
    </div>
  );
}

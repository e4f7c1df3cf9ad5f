import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";

import { readCalls } from "../../api/papers";
import type { CallRequest } from "../../api/paper-types";
import { Choice } from "../../components/choice";
import { Chip } from "../../components/chip";
import { ExerciseMark } from "../../components/exercise-mark";
import { Icon } from "../../components/icon";
import { Empty } from "../../components/notice";
import { useNow } from "../../components/now";
import { countdown } from "./exchange";
import { useDesk } from "../desk/context";
import { usePartyName } from "../notifications/use-papers";
import { Problem } from "../problem";
import { BothTimes } from "../record/both-times";
import { Ask } from "./ask";
import { CALL_STATE_TONES, CALL_STATE_WORDS } from "./words";
import "../record/record.css";
import "../notifications/notifications.css";
import "./calls.css";

const ASK_EVERY_MS = 3_000;
const OPEN: ReadonlySet<string> = new Set([
  "asked",
  "held",
  "time_offered",
  "level_named",
  "accepted",
  "started",
]);

export function useCalls() {
  return useQuery({ queryKey: ["calls"], queryFn: readCalls, refetchInterval: ASK_EVERY_MS });
}

/** Calls between officials: who asks whom, and whose answer is awaited until when. */
export function CallsPage() {
  const { t } = useLingui();
  const { self } = useDesk();
  const read = useCalls();
  const [which, setWhich] = useState("all");
  const all = read.data ?? [];
  const shown = all.filter(({ state }) => which === "all" || OPEN.has(state));
  return (
    <main id="main" className="page">
      <header className="page-head">
        <h1>{t`Calls between officials`}</h1>
        <Choice
          label={t`What is shown`}
          value={which}
          options={[
            { id: "all", label: t`All requests` },
            { id: "open", label: t`Open requests` },
          ]}
          onChange={setWhich}
        />
      </header>
      <div className="page-parts">
        <div className="page-main">
          {read.isPending && (
            <Empty icon="aside" title={t`Asking your node for the requests`} isWaiting />
          )}
          <Problem error={read.error} />
          {read.isSuccess && shown.length === 0 && (
            <div className="card">
              <Empty icon="aside" title={t`No call request`} />
            </div>
          )}
          <ul className="paper-types">
            {shown.map((call) => (
              <CallItem key={call.hash} call={call} />
            ))}
          </ul>
        </div>
        <aside className="page-side" aria-label={t`Ask for a call`}>
          {(self?.may.includes("call.ask") ?? false) && <Ask />}
        </aside>
      </div>
    </main>
  );
}

function CallItem({ call }: { readonly call: CallRequest }) {
  const { t } = useLingui();
  const { self } = useDesk();
  const nameOf = usePartyName();
  const isOurs = call.asker === self?.party.id;
  const { who_asks, who_is_asked } = call;
  const asker = nameOf(call.asker);
  const { level } = call;
  return (
    <li className="card" data-testid={`call-${call.hash.slice(0, 8)}`}>
      <header className="card-head">
        <h2 className="desk-title">
          <Link to="/calls/$hash" params={{ hash: call.hash }} className="paper-link">
            <bdi>{who_asks}</bdi> <Icon name="next" /> <bdi>{who_is_asked}</bdi>
          </Link>
        </h2>
        <CallState call={call} />
      </header>
      {call.is_exercise && <ExerciseMark />}
      <p className="soft small">
        {isOurs ? t`We ask` : t`Asked by ${asker}`} · {t`Level: ${level}`}
      </p>
      {call.subject !== null && (
        <p className="paper-words" dir="auto">
          {call.subject}
        </p>
      )}
      <Awaited call={call} />
      {call.begins !== null && (
        <p className="small">
          <Trans>Begins</Trans> <BothTimes at={call.begins.at} parties={[call.asker]} />
        </p>
      )}
    </li>
  );
}

/** Where a request stands. */
export function CallState({ call }: { readonly call: CallRequest }) {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  const words = CALL_STATE_WORDS[call.state];
  return (
    <span className="paper-marks">
      <Chip tone={CALL_STATE_TONES[call.state] ?? "unknown"}>
        {words === undefined ? call.state : _(words)}
      </Chip>
      {call.is_overdue && <Chip tone="poor">{t`Answer overdue`}</Chip>}
      {call.mismatches.length > 0 && <Chip tone="cut">{t`Another code was heard`}</Chip>}
    </span>
  );
}

/** Whose answer is awaited, and how long they still have by each side's own clock. */
export function Awaited({ call }: { readonly call: CallRequest }) {
  const { t } = useLingui();
  const { self, clock_offset_ms } = useDesk();
  const nameOf = usePartyName();
  const now = useNow() + clock_offset_ms;
  const { due, due_here, turn } = call;
  if (turn === null || due === null) return null;
  const isOurs = turn === self?.party.id;
  const limit = due_here ?? due;
  const left = countdown(Date.parse(limit.at) - now);
  const other = nameOf(turn);
  return (
    <p className="call-awaited" data-testid="awaited">
      <span>{isOurs ? t`Our answer is awaited` : t`Awaited: the answer of ${other}`}</span>
      <bdi className="figures call-left">{left}</bdi>
      <span className="small soft">
        {due_here === null ? (
          <Trans>by the clock of whoever made the offer</Trans>
        ) : (
          <Trans>by our clock, from when we had it</Trans>
        )}{" "}
        <BothTimes at={limit.at} parties={[call.asker]} />
      </span>
    </p>
  );
}

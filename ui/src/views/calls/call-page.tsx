import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";

import { useCapacityWords } from "../capacity";
import { doorOfCall } from "../../api/doors";
import { openRoom } from "../../api/node";
import { endCall, readCall, startCall, withdrawCall } from "../../api/papers";
import type { CallRequest, Dates } from "../../api/paper-types";
import { readEntries } from "../../api/record";
import type { RecordSpace } from "../../api/record-types";
import { Button } from "../../components/button";
import { ExerciseMark } from "../../components/exercise-mark";
import { Empty, Notice } from "../../components/notice";
import { useNow } from "../../components/now";
import { countdown, roomTitle } from "./exchange";
import { wordsOf } from "../../state/record/timeline";
import { languageName } from "../../i18n/languages";
import { useDesk } from "../desk/context";
import { useLinesOfRecord, usePartyName } from "../notifications/use-papers";
import { BREACH_WORDS } from "../notifications/words";
import { WordsAct } from "../notifications/words-act";
import { Problem } from "../problem";
import { BothTimes } from "../record/both-times";
import DoorCard from "../room/door-card";
import { Remark } from "../record/remark";
import { Answer } from "./answer";
import { Awaited, CallState } from "./calls-page";
import { IdentityCheck } from "./identity";
import { CALL_ANSWER_WORDS, INTERPRETER_WORDS, MODE_WORDS } from "./words";
import "../record/record.css";
import "../notifications/notifications.css";
import "./calls.css";

const ASK_EVERY_MS = 2_000;
/** How long before its time the room may be opened: to sit down, to hear whether it works. */
const BEFORE_MS = 10 * 60_000;
const STATEMENT = 9;
const OVER: ReadonlySet<string> = new Set(["ended", "declined", "withdrawn"]);
const MAY_BE_GIVEN_UP: ReadonlySet<string> = new Set([
  "asked",
  "held",
  "time_offered",
  "level_named",
  "accepted",
]);

/** One call, from the request to its end. */
export function CallPage({ hash }: { readonly hash: string }) {
  const { t } = useLingui();
  const read = useQuery({
    queryKey: ["call", hash],
    queryFn: async () => readCall(hash),
    refetchInterval: ASK_EVERY_MS,
  });
  return (
    <main id="main" className="page">
      {read.isPending && (
        <Empty icon="aside" title={t`Asking your node for the request`} isWaiting />
      )}
      <Problem error={read.error} />
      {read.data !== undefined && <Call call={read.data} />}
    </main>
  );
}

function Call({ call }: { readonly call: CallRequest }) {
  const { t } = useLingui();
  const { self } = useDesk();
  const space = useLinesOfRecord().find(({ id }) => id === call.space);
  const may = (act: string) => self?.may.includes(act) ?? false;
  const isOn = call.state === "accepted" || call.state === "started";
  const hasBegun = call.speaking.some((party) => party === self?.party.id);
  const changes = ["call", call.hash];
  return (
    <>
      <header className="page-head">
        <h1>
          <bdi>{call.who_asks}</bdi> – <bdi>{call.who_is_asked}</bdi>
        </h1>
        <CallState call={call} />
        <Link to="/calls" className="button">
          <Trans>To the call requests</Trans>
        </Link>
      </header>
      <div className="page-parts">
        <div className="page-main">
          {call.is_exercise && <ExerciseMark />}
          <Breaches call={call} />
          <Awaited call={call} />
          {call.turn === self?.party.id && may("call.answer") && (
            <Answer key={call.offer} call={call} />
          )}
          {isOn && call.mode !== "text" && call.state === "accepted" && (
            <IdentityCheck call={call} />
          )}
          {isOn && call.mode !== "text" && <RoomOfCall call={call} />}
          {call.mode !== "text" && !OVER.has(call.state) && (
            <DoorCard where={doorOfCall(call.hash)} />
          )}
          {isOn && call.mode === "text" && <BeginInWriting call={call} />}
          {call.mode === "text" && space !== undefined && call.thread !== null && (
            <Written space={space} thread={call.thread} isOpen={call.state === "started"} />
          )}
          {call.state === "started" && may("call.start") && (
            <section className="card" aria-label={t`End of the call`}>
              <WordsAct
                label={t`How it ended`}
                does={t`The call is over`}
                testId="call-end"
                isFolded
                mayBeEmpty
                act={async (words) => endCall(call.hash, words === "" ? null : words)}
                changes={changes}
              />
            </section>
          )}
        </div>
        <aside className="page-side" aria-label={t`What was asked and answered`}>
          <Facts call={call} />
          <Turns call={call} />
          {MAY_BE_GIVEN_UP.has(call.state) && !hasBegun && may("call.answer") && (
            <section className="card" aria-label={t`Give it up`}>
              <WordsAct
                label={t`Reason, if one is given`}
                does={t`Give it up with the passkey`}
                testId="withdraw"
                isFolded
                mayBeEmpty
                act={async (words) => withdrawCall(call.hash, words === "" ? null : words)}
                changes={changes}
              />
            </section>
          )}
        </aside>
      </div>
    </>
  );
}

function Breaches({ call }: { readonly call: CallRequest }) {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  if (call.breaches.length === 0) return null;
  return (
    <Notice tone="poor" icon="warning" title={t`Something does not hold`}>
      <ul>
        {call.breaches.map(([breach = "", digest = ""]) => {
          const words = BREACH_WORDS[breach];
          return (
            <li key={`${breach} ${digest}`}>
              {words === undefined ? breach : _(words)} <code>{digest.slice(0, 12)}</code>
            </li>
          );
        })}
      </ul>
    </Notice>
  );
}

function Facts({ call }: { readonly call: CallRequest }) {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  const mode = MODE_WORDS[call.mode];
  const interpreter = INTERPRETER_WORDS[call.interpreter];
  const nameOf = usePartyName();
  const capacity = useCapacityWords();
  const told: readonly (readonly [string, string | null])[] = [
    [t`Asked by`, `${call.who_asks}, ${nameOf(call.asker)}`],
    [t`Speaks as`, capacity(call.capacity)],
    [t`Asked of`, `${call.who_is_asked}, ${nameOf(askedOf(call))}`],
    [t`Level`, call.level],
    [t`Subject`, call.subject],
    [t`How`, mode === undefined ? call.mode : _(mode)],
    [t`Languages`, call.languages.map(languageName).join(", ")],
    [t`Interpreter`, interpreter === undefined ? call.interpreter : _(interpreter)],
    [t`Given up as`, call.withdrawn_as === null ? null : capacity(call.withdrawn_as)],
  ];
  const dates: readonly (readonly [string, Dates | null])[] = [
    [t`Asked`, call.asked],
    [t`Not before`, call.earliest],
    [t`Not after`, call.latest],
    [t`Begins`, call.begins],
    [t`Begun`, call.started],
    [t`Ended`, call.ended],
  ];
  return (
    <section className="card" aria-labelledby="facts-title">
      <h2 id="facts-title" className="desk-title">
        <Trans>What was asked</Trans>
      </h2>
      <dl className="pairs">
        {told.map(([name, value]) =>
          value === null ? null : (
            <div key={name} className="pair">
              <dt>{name}</dt>
              <dd dir="auto">{value}</dd>
            </div>
          ),
        )}
        {dates.map(([name, at]) =>
          at === null ? null : (
            <div key={name} className="pair">
              <dt>{name}</dt>
              <dd>
                <BothTimes at={at.at} parties={Object.keys(at.by_party)} />
              </dd>
            </div>
          ),
        )}
      </dl>
    </section>
  );
}

/** The party that is asked. */
function askedOf(call: CallRequest): string {
  return Object.keys(call.asked.by_party).find((each) => each !== call.asker) ?? "";
}

function Turns({ call }: { readonly call: CallRequest }) {
  const { _ } = useCatalogue();
  const nameOf = usePartyName();
  const capacity = useCapacityWords();
  if (call.turns.length === 0) return null;
  return (
    <section className="card" aria-labelledby="turns-title">
      <h2 id="turns-title" className="desk-title">
        <Trans>What was answered</Trans>
      </h2>
      <ol className="paper-due">
        {call.turns.map((turn) => {
          const words = CALL_ANSWER_WORDS[turn.answer];
          const parties = Object.keys(call.asked.by_party);
          return (
            <li key={turn.hash}>
              <span>
                <bdi>{nameOf(turn.party)}</bdi> ({capacity(turn.capacity)}):{" "}
                {words === undefined ? turn.answer : _(words)}
                {turn.level !== null && (
                  <>
                    {" "}
                    · <bdi>{turn.level}</bdi>
                  </>
                )}
              </span>
              {[turn.earliest, turn.latest, turn.until].map((at) =>
                at === null ? null : <BothTimes key={at.at} at={at.at} parties={parties} />,
              )}
              {turn.reason !== null && <span dir="auto">{turn.reason}</span>}
            </li>
          );
        })}
      </ol>
    </section>
  );
}

/** The room of the call: the first who comes opens it for both. */
function RoomOfCall({ call }: { readonly call: CallRequest }) {
  const { t } = useLingui();
  const { self, rooms, clock_offset_ms } = useDesk();
  const now = useNow() + clock_offset_ms;
  const title = roomTitle(call.hash);
  const room = rooms?.find((each) => each.title === title && each.state === "open");
  const others = Object.keys(call.asked.by_party).filter((each) => each !== self?.party.id);
  const open = useMutation({ mutationFn: async () => openRoom(title, others as never) });
  const left = call.begins === null ? 0 : Date.parse(call.begins.at) - now;
  const isTime = left <= BEFORE_MS;
  const until = countdown(left);
  return (
    <section className="card paper-acts" aria-labelledby="room-title">
      <h2 id="room-title" className="desk-title">
        <Trans>The room of this call</Trans>
      </h2>
      {left > 0 && (
        <p>
          {t`Begins in`} <bdi className="figures">{until}</bdi>
        </p>
      )}
      {call.mode === "voice" && (
        <p className="soft">
          <Trans>This call is by voice only: in its room no camera is asked for.</Trans>
        </p>
      )}
      {room === undefined && !isTime && (
        <p className="soft small">
          <Trans>It opens by itself ten minutes before the call begins.</Trans>
        </p>
      )}
      <Problem error={open.error} />
      {room === undefined ? (
        <Button
          icon="room"
          data-testid="call-room-open"
          isDisabled={!isTime || open.isPending || !(self?.may.includes("room.open") ?? false)}
          onPress={() => open.mutate()}
        >
          {t`Open the room for both`}
        </Button>
      ) : (
        <Link
          to="/rooms/$id/check"
          params={{ id: room.id }}
          className="button"
          data-testid="call-room"
        >
          <Trans>Go into the room</Trans>
        </Link>
      )}
    </section>
  );
}

/** In writing nobody reads a code: both say that they begin. */
function BeginInWriting({ call }: { readonly call: CallRequest }) {
  const { t } = useLingui();
  const { self } = useDesk();
  const queries = useQueryClient();
  const begin = useMutation({
    mutationFn: async () => startCall(call.hash, null),
    onSuccess: async () => queries.invalidateQueries({ queryKey: ["call", call.hash] }),
  });
  if (call.state !== "accepted") return null;
  const hasBegun = call.speaking.some((party) => party === self?.party.id);
  if (hasBegun) return <Notice tone="noted" icon="up" title={t`Waiting for the other side`} />;
  return (
    <section className="card paper-acts" aria-label={t`Begin in writing`}>
      <Problem error={begin.error} />
      <Button
        weight="primary"
        data-testid="begin-writing"
        isDisabled={begin.isPending || !(self?.may.includes("call.start") ?? false)}
        onPress={() => begin.mutate()}
      >
        {t`Begin in writing`}
      </Button>
    </section>
  );
}

/** The call in writing: the remarks of its thread, the oldest first. */
function Written(props: {
  readonly space: RecordSpace;
  readonly thread: string;
  readonly isOpen: boolean;
}) {
  const { t } = useLingui();
  const { space, thread, isOpen } = props;
  const asked = { space: space.id, party: null, kind: STATEMENT, thread, is_set_aside: false };
  const read = useQuery({
    queryKey: ["entries", space.id, "call", thread],
    queryFn: async () => readEntries(asked, null),
    refetchInterval: ASK_EVERY_MS,
  });
  const said = (read.data?.entries ?? []).toReversed();
  return (
    <section className="card paper-acts" aria-labelledby="written-title">
      <h2 id="written-title" className="desk-title">
        <Trans>In writing</Trans>
      </h2>
      <Problem error={read.error} />
      {said.length === 0 && <p className="soft">{t`Nothing has been written yet.`}</p>}
      <ol className="paper-due" aria-live="polite">
        {said.map((entry) => (
          <li key={entry.hash}>
            <span className="small soft">
              <bdi>{entry.party.name}</bdi>{" "}
              {entry.written_at !== null && (
                <BothTimes at={entry.written_at} parties={[entry.party.id]} isShort />
              )}
            </span>
            <span className="paper-words" dir="auto">
              {wordsOf(entry)}
            </span>
          </li>
        ))}
      </ol>
      {isOpen && <Remark space={space} thread={thread} />}
    </section>
  );
}

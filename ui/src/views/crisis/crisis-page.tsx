import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";

import { closeCrisis, readCrisis } from "../../api/crises";
import type { Crisis, CrisisSide } from "../../api/crisis-types";
import { Button } from "../../components/button";
import { ExerciseMark } from "../../components/exercise-mark";
import { Empty, Notice } from "../../components/notice";
import { Question } from "../../components/question";
import { sidesOf } from "../../state/crisis/crisis";
import { useDesk } from "../desk/context";
import { Problem } from "../problem";
import { BothTimes } from "../record/both-times";
import { useBinding } from "../step-up";
import { CrisisColumns } from "./columns";
import { OpenSheet } from "./open-sheet";
import { Breaches, Words, Writing } from "./parts";
import { SideChip } from "./side-chip";
import { CrisisTimeline } from "./timeline";
import { WaitingList } from "./waiting-list";
import { STAGE_WORDS } from "./words";
import "./crisis.css";

const EVERY_MS = 3_000;

/** One crisis: both sides' own words beside each other, and what was said within. */
export function CrisisPage({ hash }: { readonly hash: string }) {
  const { t } = useLingui();
  const read = useQuery({
    queryKey: ["crisis", hash],
    queryFn: async () => readCrisis(hash),
    refetchInterval: EVERY_MS,
  });
  return (
    <main id="main" className="page crisis">
      {read.isPending && (
        <Empty icon="aside" title={t`Asking your node for the crisis`} isWaiting />
      )}
      <Problem error={read.error} />
      {read.data !== undefined && <Shown crisis={read.data} />}
    </main>
  );
}

function Shown({ crisis }: { readonly crisis: Crisis }) {
  const { _ } = useCatalogue();
  const { t } = useLingui();
  const { ours } = sidesOf(crisis);
  const minutes = crisis.check_minutes;
  const [sought, setSought] = useState<string | null>(null);
  return (
    <>
      <div className="page-head">
        <h1>
          <Trans>Crisis {crisis.number}</Trans>
        </h1>
        {ours !== undefined && <Acts crisis={crisis} ours={ours} />}
      </div>
      {crisis.is_exercise && <ExerciseMark />}
      <WaitingList crisis={crisis} onSeek={setSought} />
      <section className="crisis-sides" aria-label={t`Both sides`}>
        {crisis.sides.map((side) => (
          <SideCard key={side.party} crisis={crisis} side={side} />
        ))}
      </section>
      {crisis.quiet_since !== null && (
        <Notice tone="fair" icon="warning" title={t`Quiet for seven days, and open on our side`}>
          <p className="small">
            <Trans>Nothing closes by itself. Close our side if there is nothing more to do.</Trans>
          </p>
        </Notice>
      )}
      {minutes !== null && (
        <div className="crisis-acts" data-testid="effects">
          {crisis.room !== null && (
            <Link to="/rooms/$id/check" params={{ id: crisis.room }} className="button">
              <Trans>Go to the standing room</Trans>
            </Link>
          )}
          <p className="soft small">
            <Trans>
              While our side is open, we ask for a line check every {minutes} minutes, and our
              limits are half as long.
            </Trans>
          </p>
        </div>
      )}
      {crisis.state !== null && (
        <Notice tone="noted" icon="next" title={_(STAGE_WORDS[crisis.state])}>
          <Link
            to="/crises/$hash/assessment"
            params={{ hash: crisis.hash }}
            className="button"
            data-testid="to-assessment"
          >
            <Trans>Go to the assessment</Trans>
          </Link>
        </Notice>
      )}
      <CrisisColumns crisis={crisis} sought={sought} onSeek={setSought} />
      <CrisisTimeline crisis={crisis} />
      <Breaches breaches={crisis.breaches} parties={crisis.parties} />
    </>
  );
}

function SideCard({ crisis, side }: { readonly crisis: Crisis; readonly side: CrisisSide }) {
  const parties = crisis.parties.map(({ id }) => id);
  return (
    <div className="card crisis-side" data-testid={`side-${side.state}`}>
      <SideChip side={side} parties={crisis.parties} />
      <div className="crisis-title">
        <Words texts={side.title} />
      </div>
      {side.grade !== null && (
        <p>
          <Trans>Grade:</Trans> <bdi>{side.grade}</bdi>
        </p>
      )}
      {side.start !== null && (
        <p className="small">
          <Trans>Since</Trans> <BothTimes at={side.start} parties={parties} />
        </p>
      )}
      {side.closed_at !== null && side.state === "closed" && (
        <p className="small">
          <Trans>Closed</Trans> <BothTimes at={side.closed_at} parties={parties} />{" "}
          {side.words !== null && <q dir="auto">{side.words}</q>}
        </p>
      )}
      {side.state === "not_open" && (
        <p className="soft small">
          <Trans>This side has not opened it. It may speak in it all the same.</Trans>
        </p>
      )}
    </div>
  );
}

function Acts({ crisis, ours }: { readonly crisis: Crisis; readonly ours: CrisisSide }) {
  const { t } = useLingui();
  const { self } = useDesk();
  const queries = useQueryClient();
  const [asked, setAsked] = useState<"open" | "close" | null>(null);
  const [words, setWords] = useState("");
  const close = useBinding<string | null>(
    async (why) => closeCrisis(crisis.hash, why),
    () => {
      setAsked(null);
      void queries.invalidateQueries({ queryKey: ["crisis", crisis.hash] });
    },
  );
  if (self?.may.includes("crisis.open") !== true) return null;
  const opens = { not_open: t`Open our side`, open: t`Rename`, closed: t`Open again` };
  return (
    <div className="crisis-acts">
      <Button
        data-testid="open-side"
        weight={ours.state === "not_open" ? "primary" : "plain"}
        onPress={() => setAsked("open")}
      >
        {opens[ours.state]}
      </Button>
      {ours.state === "open" && (
        <Button data-testid="close-side" onPress={() => setAsked("close")}>
          {t`Close our side`}
        </Button>
      )}
      {asked === "open" && (
        <OpenSheet
          crisis={crisis}
          onClose={() => setAsked(null)}
          onDone={() => {
            setAsked(null);
            void queries.invalidateQueries({ queryKey: ["crisis", crisis.hash] });
          }}
        />
      )}
      {asked === "close" && (
        <Question
          title={t`Close our side?`}
          no={t`Leave it open`}
          yes={t`Close it with the passkey`}
          isPending={close.isPending}
          onNo={() => setAsked(null)}
          onYes={() => close.run(words.trim() === "" ? null : words.trim())}
        >
          <p>
            <Trans>
              The other side closes its own, or does not. The assessment begins with the first
              closing. It can be opened again under the same number.
            </Trans>
          </p>
          <Writing label={t`Why, if you want to say it`} value={words} onChange={setWords} />
          <Problem error={close.error} />
        </Question>
      )}
      {close.sheet}
    </div>
  );
}

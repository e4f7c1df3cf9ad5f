import { Navigate } from "@tanstack/react-router";
import { Trans, useLingui } from "@lingui/react/macro";
import { lazy, Suspense, useMemo, useState } from "react";

import type { Party, TrackId } from "../../api/types";
import { principal, type Layout, tiles } from "../../state/room/tiles";
import { useAttendance } from "../attendance";
import { useCallOfRoom } from "../calls/of-room";
import { useDesk } from "../desk/context";
import { Announcer } from "./announcer";
import { Voices } from "./voices";
import { Connection } from "./connection";
import { Controls } from "./controls";
import { Halt } from "./halt";
import { ExerciseMark } from "../../components/exercise-mark";
import { HelpSheet } from "./help-sheet";
import { QualityStrip } from "./quality";
import { useShortcuts } from "./shortcuts";
import { Stage } from "./stage";
import "../check/check.css";
import "./room.css";

/** Only a room of a call has it: what is said over the record is not loaded for the others. */
const CallInRoom = lazy(async () => import("../calls/call-in-room"));
const NONE: readonly Party[] = [];
const NOBODY: readonly TrackId[] = [];

/** The room: everybody in it, in the agreed order, and how well they reach each other. */
export function RoomPage() {
  const { t } = useLingui();
  const { room: id, standing, self } = useAttendance();
  const { rooms } = useDesk();
  const room = rooms?.find((each) => each.id === id) ?? null;
  const { call } = useCallOfRoom(id);
  const [layout, setLayout] = useState<Layout>("grid");
  const [pinned, setPinned] = useState<string | null>(null);
  const [isHelping, setHelping] = useState(false);
  useShortcuts({
    onHelp: () => setHelping(true),
    onLayout: () => setLayout((now) => (now === "grid" ? "speaker" : "grid")),
  });
  const { state } = standing;
  // Nobody enters without having seen what the others will see.
  if (state === "ready" && self === null && !isReturning(id)) {
    return <Navigate to="/rooms/$id/check" params={{ id }} replace />;
  }
  const isHalted =
    state === "replaced" || state === "refused" || state === "ended" || state === "left";
  return (
    <main id="main" className="room-page">
      <header className="room-head">
        <h1>{room?.title ?? t`Room`}</h1>
        <Connection />
        {!isHalted && <QualityStrip />}
      </header>
      {(room?.is_exercise === true || call?.is_exercise === true) && <ExerciseMark />}
      {!isHalted && call !== null && (
        <Suspense>
          <CallInRoom call={call} />
        </Suspense>
      )}
      {isHalted ? (
        <Halt />
      ) : (
        <Scene layout={layout} pinned={pinned} onPin={setPinned} parties={room?.parties ?? NONE} />
      )}
      {!isHalted && (
        <Controls layout={layout} onLayout={setLayout} onHelp={() => setHelping(true)} />
      )}
      <Voices />
      <Announcer />
      <HelpSheet isOpen={isHelping} onClose={() => setHelping(false)} />
      <p className="unseen">
        <Trans>Press ? for the keys of this page.</Trans>
      </p>
    </main>
  );
}

function Scene(props: {
  readonly layout: Layout;
  readonly pinned: string | null;
  readonly onPin: (key: string | null) => void;
  readonly parties: readonly Party[];
}) {
  const { roster, video, speakers: heard, standing } = useAttendance();
  const { parties } = props;
  // Who speaks is known only while the room is heard.
  const speakers = standing.state === "live" ? heard : NOBODY;
  const all = useMemo(
    () => tiles({ roster, parties, video, speakers }),
    [roster, parties, video, speakers],
  );
  const hasPrincipal = props.layout === "speaker" || props.pinned !== null;
  return (
    <Stage
      tiles={all}
      principal={hasPrincipal ? principal(all, speakers, props.pinned) : null}
      pinned={props.pinned}
      onPin={props.onPin}
    />
  );
}

/** A page loaded anew takes its seat again by itself, without a second check. */
function isReturning(room: string): boolean {
  return sessionStorage.getItem(`parley.seat.${room}`) !== null;
}

import { Link, useNavigate } from "@tanstack/react-router";
import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect } from "react";

import type { Room } from "../../api/types";
import { Button } from "../../components/button";
import { ExerciseMark } from "../../components/exercise-mark";
import { Notice } from "../../components/notice";
import { useAttendance, useDevices, useTools } from "../attendance";
import { type Agreed, useCallOfRoom } from "../calls/of-room";
import { useDesk } from "../desk/context";
import { Problem } from "../problem";
import { ProblemError } from "../../errors";
import { Preview } from "./preview";
import { CameraCheck, MicrophoneCheck, SpeakerCheck } from "./device-checks";
import { NetworkCheck } from "./network-check";
import "./check.css";

/** The device check: what the others will see and hear, before they do. */
export function CheckPage() {
  const { t } = useLingui();
  const { attendance } = useTools();
  const { room: id, is_voice_only } = useAttendance();
  const { call, agreed } = useCallOfRoom(id);
  const room = useDesk().rooms?.find((each) => each.id === id) ?? null;
  usePreparation(agreed);
  return (
    <main id="main" className="check">
      <header className="check-head">
        <p className="soft small">
          <Trans>Device check</Trans>
        </p>
        <h1>{room?.title ?? t`Room`}</h1>
        {(room?.is_exercise === true || call?.is_exercise === true) && <ExerciseMark />}
        {call !== null && (
          <p>
            <bdi>{call.who_asks}</bdi> – <bdi>{call.who_is_asked}</bdi>
          </p>
        )}
        {room !== null && <Attending room={room} />}
        {is_voice_only && (
          <Notice tone="noted" icon="microphone" title={t`This call is by voice only`}>
            <p className="small">
              <Trans>Both sides agreed on it: no camera is asked for, and none can be on.</Trans>
            </p>
          </Notice>
        )}
      </header>
      <div className="check-preview">
        <Preview />
        <Join onJoin={() => attendance.join()} isClosed={room?.state === "closed"} />
      </div>
      <div className="check-settings">
        <MicrophoneCheck />
        {!is_voice_only && <CameraCheck />}
        <SpeakerCheck />
        <NetworkCheck room={room} />
      </div>
    </main>
  );
}

/** Opens what will be used, and makes ready what joining would otherwise wait for. */
function usePreparation(agreed: Agreed): void {
  const { attendance, sound } = useTools();
  useEffect(() => {
    window.addEventListener("pointerdown", sound.wakeGraph);
    window.addEventListener("keydown", sound.wakeGraph);
    return () => {
      window.removeEventListener("pointerdown", sound.wakeGraph);
      window.removeEventListener("keydown", sound.wakeGraph);
    };
  }, [sound]);
  useEffect(() => {
    attendance.prepare();
    if (agreed === "unknown") return;
    if (agreed === "voice") attendance.keepToVoice();
    const { mine } = attendance.snapshot();
    if (mine.microphone && mine.camera) void attendance.devices.openBoth();
    else if (mine.microphone) void attendance.devices.open("microphone");
    else if (mine.camera) void attendance.devices.open("camera");
  }, [attendance, agreed]);
}

function Attending({ room }: { readonly room: Room }) {
  const names = room.participants.map((each) => `${each.name}, ${each.party.name}`);
  return names.length === 0 ? (
    <p className="soft">
      <Trans>Nobody is in it yet.</Trans>
    </p>
  ) : (
    <p>
      <span className="soft">
        <Trans>In it now:</Trans>
      </span>{" "}
      {names.join(" · ")}
    </p>
  );
}

function Join(props: { readonly onJoin: () => void; readonly isClosed: boolean }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const { room, mine, refusal, standing } = useAttendance();
  const { microphone, camera } = useDevices();
  const hasVoice = mine.microphone && microphone.trouble === null;
  const hasFace = mine.camera && camera.trouble === null;
  return (
    <div className="check-join">
      {standing.state === "refused" && refusal !== null && (
        <Problem error={new ProblemError(403, refusal.code, refusal.params)} />
      )}
      {props.isClosed && <Problem error={new ProblemError(410, "room.closed", {})} />}
      <p role="status" className="check-as">
        {hasVoice && hasFace && <Trans>You join with microphone and camera.</Trans>}
        {hasVoice && !hasFace && <Trans>You join with the microphone, without a picture.</Trans>}
        {!hasVoice && hasFace && <Trans>You join with the camera, muted.</Trans>}
        {!hasVoice && !hasFace && (
          <Trans>You join to listen only. You can turn devices on later.</Trans>
        )}
      </p>
      <div className="check-acts">
        <Link className="button" to="/">
          <Trans>Back to the desk</Trans>
        </Link>
        <Button
          weight="primary"
          icon="next"
          data-testid="join-now"
          isDisabled={props.isClosed}
          onPress={() => {
            props.onJoin();
            void navigate({ to: "/rooms/$id", params: { id: room } });
          }}
        >
          {t`Join now`}
        </Button>
      </div>
    </div>
  );
}

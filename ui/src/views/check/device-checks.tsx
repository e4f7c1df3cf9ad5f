import { useMutation } from "@tanstack/react-query";
import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { type ReactNode, useEffect, useState } from "react";

import { Button } from "../../components/button";
import { Choice, Toggle } from "../../components/choice";
import { Icon, type IconName } from "../../components/icon";
import { Notice } from "../../components/notice";
import type { DeviceChoice, DeviceStanding } from "../../room/contract";
import { useAttendance, useDevices, useTools } from "../attendance";
import { TROUBLE_WORDS } from "../words";

/** The microphone: which, how loud, and what stands in its way. */
export function MicrophoneCheck() {
  const { t } = useLingui();
  const { devices } = useTools().attendance;
  const { microphone, microphones, choices } = useDevices();
  return (
    <Part icon="microphone" title={t`Microphone`}>
      <Trouble kind="microphone" standing={microphone} />
      <Named
        label={t`Which microphone`}
        devices={microphones}
        value={choices.microphone}
        onChange={(id) => void devices.choose({ microphone: id })}
      />
      {microphone.track !== null && <Level track={microphone.track} />}
      <Toggle
        isOn={choices.has_original_sound}
        onChange={(isOn) => void devices.choose({ has_original_sound: isOn })}
      >
        <Trans>Original sound, for instruments: noise and echo stay in</Trans>
      </Toggle>
    </Part>
  );
}

/** The camera: which, and what stands in its way. */
export function CameraCheck() {
  const { t } = useLingui();
  const { devices } = useTools().attendance;
  const { camera, cameras, choices } = useDevices();
  return (
    <Part icon="camera" title={t`Camera`}>
      <Trouble kind="camera" standing={camera} />
      <Named
        label={t`Which camera`}
        devices={cameras}
        value={choices.camera}
        onChange={(id) => void devices.choose({ camera: id })}
      />
      {cameras.length === 0 && camera.trouble === null && (
        <p className="soft small">
          <Trans>Cameras are named here once one of them is allowed.</Trans>
        </p>
      )}
    </Part>
  );
}

/** The speaker: which, and a tone to hear it by. */
export function SpeakerCheck() {
  const { t } = useLingui();
  const { sound, attendance } = useTools();
  const { speakers, choices } = useDevices();
  const tone = useMutation({
    mutationFn: async () => sound.playTone(choices.speaker),
    networkMode: "always",
  });
  return (
    <Part icon="speaker" title={t`Speaker`}>
      <Named
        label={t`Which speaker`}
        devices={speakers}
        value={choices.speaker}
        onChange={(id) => void attendance.devices.choose({ speaker: id })}
      />
      <div className="check-row">
        <Button icon="speaker" isDisabled={tone.isPending} onPress={() => tone.mutate()}>
          {tone.isPending ? t`Playing` : t`Play a tone`}
        </Button>
        <p className="soft small" role="status">
          {tone.isSuccess && (
            <Trans>Two notes were played. Nothing heard? Choose another speaker.</Trans>
          )}
          {tone.isError && <Trans>This speaker could not be used. Choose another.</Trans>}
        </p>
      </div>
    </Part>
  );
}

/** One subject of the check, with its heading. */
export function Part(props: {
  readonly icon: IconName;
  readonly title: string;
  readonly children: ReactNode;
}) {
  return (
    <section className="card check-part" aria-label={props.title}>
      <h2 className="check-title">
        <Icon name={props.icon} />
        {props.title}
      </h2>
      {props.children}
    </section>
  );
}

function Named(props: {
  readonly label: string;
  readonly devices: readonly DeviceChoice[];
  readonly value: string | null;
  readonly onChange: (id: string) => void;
}) {
  const { t } = useLingui();
  const [first] = props.devices;
  if (first === undefined) return null;
  const isThere = props.devices.some((device) => device.id === props.value);
  return (
    <Choice
      label={props.label}
      value={isThere && props.value !== null ? props.value : first.id}
      options={props.devices.map((device, index) => {
        const place = index + 1;
        return { id: device.id, label: device.label === "" ? t`Device ${place}` : device.label };
      })}
      onChange={props.onChange}
    />
  );
}

function Trouble(props: {
  readonly kind: "microphone" | "camera";
  readonly standing: DeviceStanding;
}) {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  const { attendance } = useTools();
  const isWanted = useAttendance().mine[props.kind];
  const { trouble, is_opening } = props.standing;
  if (is_opening) {
    return (
      <p className="soft small pulse" role="status">
        <Trans>Waiting for the browser's permission</Trans>
      </p>
    );
  }
  if (trouble === null || !isWanted) return null;
  const { what, mend } = TROUBLE_WORDS[trouble];
  return (
    <Notice tone="poor" icon="warning" title={_(what)}>
      <p className="small">{_(mend)}</p>
      <div>
        <Button icon="turning" onPress={() => void attendance.devices.open(props.kind)}>
          {t`Try again`}
        </Button>
      </div>
    </Notice>
  );
}

/** Above this a voice is there; below it is the room. */
const VOICE_LEVEL = 0.25;

/** Between two words there is silence; this long after the last one the voice is still there. */
const VOICE_LASTS_MS = 1_500;

function Level({ track }: { readonly track: MediaStreamTrack }) {
  const { t } = useLingui();
  const { sound } = useTools();
  const [level, setLevel] = useState(0);
  const [isHeard, setHeard] = useState(false);
  useEffect(() => {
    let heard_at = -VOICE_LASTS_MS;
    return sound.meter(track, (now) => {
      if (now > VOICE_LEVEL) heard_at = performance.now();
      setLevel(now);
      setHeard(performance.now() - heard_at < VOICE_LASTS_MS);
    });
  }, [sound, track]);
  const percent = Math.round(level * 100);
  return (
    <div>
      <div
        className="level"
        role="meter"
        aria-label={t`Level of the microphone`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
      >
        <div className="level-fill" style={{ inlineSize: `${percent}%` }} />
      </div>
      <p className="small soft">
        {isHeard ? (
          <Trans>Your voice is heard.</Trans>
        ) : (
          <Trans>Quiet. Say something: the bar should move.</Trans>
        )}
      </p>
    </div>
  );
}

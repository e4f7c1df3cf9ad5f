import { Trans, useLingui } from "@lingui/react/macro";

import { Button } from "../../components/button";
import { Icon } from "../../components/icon";
import { useAttendance, useDevices, useTools } from "../attendance";
import { useDesk } from "../desk/context";
import { OwnPicture } from "../own-picture";

/** Oneself as the others will see it, with the two switches that matter. */
export function Preview() {
  const { t } = useLingui();
  const { attendance } = useTools();
  const { mine, is_voice_only } = useAttendance();
  const { camera, microphone } = useDevices();
  const { self } = useDesk();
  const hasVoice = mine.microphone && microphone.trouble === null;
  const hasFace = mine.camera && camera.trouble === null;
  const turn = (kind: "microphone" | "camera", isOn: boolean) => {
    attendance.turn(kind, isOn);
    if (!isOn) attendance.devices.close(kind);
    const name = kind === "microphone" ? "joins_with_microphone" : "joins_with_camera";
    void attendance.devices.choose({ [name]: isOn });
  };
  return (
    <div className="preview">
      {camera.track === null ? (
        <div className="preview-none">
          <Icon name={hasFace ? "camera" : "camera_off"} />
          <p>
            {!mine.camera && <Trans>Camera off</Trans>}
            {mine.camera && camera.is_opening && <Trans>Asking for the camera</Trans>}
            {mine.camera && !camera.is_opening && <Trans>No picture from the camera</Trans>}
          </p>
        </div>
      ) : (
        <OwnPicture track={camera.track} label={t`Preview of your camera`} />
      )}
      <p className="plate preview-name">{self?.person.name ?? ""}</p>
      <div className="preview-acts">
        <Button
          icon={hasVoice ? "microphone" : "microphone_off"}
          weight={hasVoice ? "plain" : "danger"}
          onPress={() => turn("microphone", !hasVoice)}
        >
          {hasVoice ? t`Microphone on` : t`Microphone off`}
        </Button>
        {!is_voice_only && (
          <Button
            icon={hasFace ? "camera" : "camera_off"}
            weight={hasFace ? "plain" : "danger"}
            onPress={() => turn("camera", !hasFace)}
          >
            {hasFace ? t`Camera on` : t`Camera off`}
          </Button>
        )}
      </div>
    </div>
  );
}

import { useNavigate } from "@tanstack/react-router";
import { useLingui } from "@lingui/react/macro";
import { Button as AriaButton } from "react-aria-components";

import { Button } from "../../components/button";
import { Icon, type IconName } from "../../components/icon";
import type { Layout } from "../../state/room/tiles";
import { useAttendance, useDevices, useTools } from "../attendance";
import { TROUBLE_WORDS } from "../words";
import { useLingui as useCatalogue } from "@lingui/react";

/** The acts of the room, in one row that a thumb can reach. */
export function Controls(props: {
  readonly layout: Layout;
  readonly onLayout: (layout: Layout) => void;
  readonly onHelp: () => void;
}) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const { attendance } = useTools();
  return (
    <div className="controls" role="toolbar" aria-label={t`Acts of the room`}>
      <Switches />
      <Button
        weight="quiet"
        icon={props.layout === "grid" ? "principal" : "grid"}
        isIconOnly
        onPress={() => props.onLayout(props.layout === "grid" ? "speaker" : "grid")}
      >
        {props.layout === "grid" ? t`One in the middle` : t`All alike`}
      </Button>
      <Button
        weight="quiet"
        icon="keyboard"
        className="control-keys"
        isIconOnly
        onPress={props.onHelp}
      >
        {t`Keys`}
      </Button>
      <Button
        weight="danger"
        icon="leave"
        className="control-leave"
        data-testid="leave"
        onPress={() => {
          attendance.leave();
          void navigate({ to: "/" });
        }}
      >
        {t`Leave`}
      </Button>
    </div>
  );
}

function Switches() {
  const { t } = useLingui();
  const { attendance } = useTools();
  const { mine, is_talk_held, is_voice_only } = useAttendance();
  const { screen } = useDevices();
  return (
    <>
      <DeviceSwitch kind="microphone" />
      {!is_voice_only && <DeviceSwitch kind="camera" />}
      {!is_voice_only && (
        <Switch
          testId="toggle-screen"
          icon="screen"
          name={t`Screen`}
          state={mine.screen && screen.track !== null ? t`Shared` : t`Not shared`}
          act={mine.screen ? t`Stop sharing the screen` : t`Share the screen`}
          isOn={mine.screen && screen.track !== null}
          isMarked={mine.screen && screen.track !== null}
          onPress={() => attendance.turn("screen", !mine.screen)}
        />
      )}
      {!mine.microphone && (
        <AriaButton
          className="control"
          data-held={is_talk_held}
          onPressStart={() => attendance.holdTalk(true)}
          onPressEnd={() => attendance.holdTalk(false)}
        >
          <Icon name="hold" />
          <span className="control-name">{t`Hold to talk`}</span>
          <span className="control-state">{is_talk_held ? t`You are heard` : t`Silent`}</span>
        </AriaButton>
      )}
    </>
  );
}

function DeviceSwitch({ kind }: { readonly kind: "microphone" | "camera" }) {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  const { attendance } = useTools();
  const { mine, standing } = useAttendance();
  const { track, trouble, is_opening } = useDevices()[kind];
  const isOn = mine[kind] && track !== null;
  const isMicrophone = kind === "microphone";
  const state = () => {
    if (mine[kind] && trouble !== null) return _(TROUBLE_WORDS[trouble].what);
    if (mine[kind] && is_opening) return t`Asking`;
    if (!isOn) return isMicrophone ? t`Muted` : t`Off`;
    return standing.is_silenced ? t`Not sent` : t`On`;
  };
  const act = () => {
    if (isMicrophone) return mine[kind] ? t`Mute the microphone` : t`Unmute the microphone`;
    return mine[kind] ? t`Turn the camera off` : t`Turn the camera on`;
  };
  return (
    <Switch
      testId={`toggle-${kind}`}
      icon={isOn ? kind : isMicrophone ? "microphone_off" : "camera_off"}
      name={isMicrophone ? t`Microphone` : t`Camera`}
      state={state()}
      act={act()}
      isOn={isOn}
      isTroubled={mine[kind] && trouble !== null}
      onPress={() => attendance.turn(kind, !mine[kind])}
    />
  );
}

function Switch(props: {
  readonly testId: string;
  readonly icon: IconName;
  readonly name: string;
  readonly state: string;
  readonly act: string;
  readonly isOn: boolean;
  readonly isTroubled?: boolean;
  /** Marked when on, because its drawing has no other form for off. */
  readonly isMarked?: boolean;
  readonly onPress: () => void;
}) {
  return (
    <AriaButton
      className="control"
      data-testid={props.testId}
      data-on={props.isOn}
      data-troubled={props.isTroubled ?? false}
      aria-label={`${props.name}: ${props.state}. ${props.act}`}
      onPress={props.onPress}
    >
      <Icon name={props.icon} />
      <Sign isOn={props.isMarked ?? false} isTroubled={props.isTroubled ?? false} />
      <span className="control-name">{props.name}</span>
      <span className="control-state">{props.state}</span>
    </AriaButton>
  );
}

/** Says by its form what the colour says: in trouble, or on. */
function Sign(props: { readonly isOn: boolean; readonly isTroubled: boolean }) {
  if (!props.isTroubled && !props.isOn) return null;
  return (
    <span className="control-sign">
      <Icon name={props.isTroubled ? "warning" : "up"} />
    </span>
  );
}

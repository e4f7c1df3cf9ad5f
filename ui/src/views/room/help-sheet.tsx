import { Trans, useLingui } from "@lingui/react/macro";

import { Button } from "../../components/button";
import { Toggle } from "../../components/choice";
import { Sheet } from "../../components/sheet";
import { useDevices, useTools } from "../attendance";

/** The keys of the room, and the switch that turns single keys off. */
export function HelpSheet(props: { readonly isOpen: boolean; readonly onClose: () => void }) {
  const { t } = useLingui();
  const { attendance } = useTools();
  const { choices } = useDevices();
  const keys: readonly (readonly [string, string])[] = [
    [t`Space, held`, t`Talk while held`],
    ["M", t`Microphone on or off`],
    ["V", t`Camera on or off`],
    ["S", t`Share the screen or stop`],
    ["G", t`All alike, or one in the middle`],
    ["Shift + L", t`Leave the room`],
    ["?", t`This list`],
  ];
  return (
    <Sheet title={t`Keys of the room`} isOpen={props.isOpen} onClose={props.onClose}>
      <dl className="keys">
        {keys.map(([key, meaning]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <Toggle
        isOn={choices.has_shortcuts}
        onChange={(isOn) => void attendance.devices.choose({ has_shortcuts: isOn })}
      >
        <Trans>Single keys do something</Trans>
      </Toggle>
      <p className="soft small">
        <Trans>Turn them off if you dictate to this computer. Every act also has its button.</Trans>
      </p>
      <div className="sheet-acts">
        <Button onPress={props.onClose} autoFocus>{t`Close`}</Button>
      </div>
    </Sheet>
  );
}

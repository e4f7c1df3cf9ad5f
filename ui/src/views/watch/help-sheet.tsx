import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";

import { Button } from "../../components/button";
import { Toggle } from "../../components/choice";
import { Sheet } from "../../components/sheet";
import { hasSingleKeys, setSingleKeys } from "./keys";

/** The keys of the watch, and the switch that turns single keys off. */
export function HelpSheet(props: { readonly isOpen: boolean; readonly onClose: () => void }) {
  const { t } = useLingui();
  const [isOn, setOn] = useState(hasSingleKeys);
  const keys: readonly (readonly [string, string])[] = [
    ["A", t`Open what rings; on an alert: acknowledge it`],
    ["R", t`Answer the alert`],
    ["T", t`Translate the alert`],
    ["C", t`Close the alert`],
    ["N", t`Write an alert`],
    ["J", t`Next alert`],
    ["K", t`Alert before`],
    ["S", t`Sound check`],
    ["W", t`Back to the watch`],
    ["?", t`This list`],
  ];
  return (
    <Sheet title={t`Keys of the watch`} isOpen={props.isOpen} onClose={props.onClose}>
      <dl className="watch-keys">
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
        isOn={isOn}
        onChange={(chosen) => {
          setOn(chosen);
          setSingleKeys(chosen);
        }}
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

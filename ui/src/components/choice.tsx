import { useLingui } from "@lingui/react/macro";
import {
  Button,
  Checkbox,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Select,
  SelectValue,
  Switch,
} from "react-aria-components";
import type { ReactNode } from "react";

import { Icon, type IconName } from "./icon";

/** One of several. */
export interface Option {
  readonly id: string;
  readonly label: string;
  /** Language of the label when it is not the page's. */
  readonly lang?: string;
}

/** One of several, chosen from a list that opens. */
export function Choice(props: {
  readonly label: string;
  readonly options: readonly Option[];
  readonly value: string;
  readonly onChange: (id: string) => void;
  readonly icon?: IconName;
  /** The label is read aloud but not shown. */
  readonly isQuiet?: boolean;
  readonly className?: string;
}) {
  const { t } = useLingui();
  return (
    <Select
      placeholder={t`Choose`}
      className={`${props.isQuiet ? "field select-quiet" : "field"} ${props.className ?? ""}`}
      selectedKey={props.value}
      onSelectionChange={(key) => {
        if (key !== null) props.onChange(String(key));
      }}
      {...(props.isQuiet ? { "aria-label": props.label } : {})}
    >
      {!props.isQuiet && <Label className="field-label">{props.label}</Label>}
      <Button className="select-button">
        {props.icon !== undefined && <Icon name={props.icon} />}
        <SelectValue className="select-value" />
        <Icon name="chevron" />
      </Button>
      <Popover className="popover">
        <ListBox items={props.options}>
          {(option: Option) => (
            <ListBoxItem id={option.id} textValue={option.label} className="option">
              <span lang={option.lang}>{option.label}</span>
              <Icon name="up" />
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </Select>
  );
}

/** Yes or no, beside others of its kind. */
export function CheckBox(props: { readonly value: string; readonly children: ReactNode }) {
  return (
    <Checkbox value={props.value} className="check-box">
      <span className="check-mark">
        <Icon name="up" />
      </span>
      <span>{props.children}</span>
    </Checkbox>
  );
}

/** On or off, at once. */
export function Toggle(props: {
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
  readonly children: ReactNode;
}) {
  return (
    <Switch className="toggle" isSelected={props.isOn} onChange={props.onChange}>
      <span className="toggle-track" />
      <span>{props.children}</span>
    </Switch>
  );
}

import { Button as AriaButton, type ButtonProps as AriaButtonProps } from "react-aria-components";

import { Icon, type IconName } from "./icon";

/** How much a button matters. */
export type Weight = "plain" | "primary" | "danger" | "quiet";

/** A button's own properties, beside those of React Aria. */
export interface ButtonProps extends Omit<AriaButtonProps, "className" | "children" | "style"> {
  readonly weight?: Weight;
  readonly icon?: IconName;
  readonly children: string;
  /** Shows the drawing alone; the words are still what is read aloud. */
  readonly isIconOnly?: boolean;
  readonly className?: string;
  readonly "data-testid"?: string;
}

/** Something that is done when pressed. */
export function Button(props: ButtonProps) {
  const { weight = "plain", icon, children, isIconOnly = false, className = "", ...rest } = props;
  return (
    <AriaButton
      {...rest}
      className={`button button-${weight} ${className}`}
      {...(isIconOnly ? { "aria-label": children } : {})}
    >
      {icon !== undefined && <Icon name={icon} />}
      {!isIconOnly && <span>{children}</span>}
    </AriaButton>
  );
}

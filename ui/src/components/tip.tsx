import type { ReactNode } from "react";
import { Button, Tooltip, TooltipTrigger } from "react-aria-components";

/** Soon enough to be found, late enough not to flicker under a passing pointer. */
const DELAY_MS = 300;

/** Something with a meaning that is told on focus, on hover and on touch. */
export function Tip(props: {
  readonly meaning: string;
  readonly children: ReactNode;
  /** Reached by Tab only when it matters; a long list has too many of them. */
  readonly isSkipped?: boolean;
}) {
  return (
    <TooltipTrigger delay={DELAY_MS} closeDelay={0}>
      <Button className="tip" excludeFromTabOrder={props.isSkipped ?? false}>
        {props.children}
      </Button>
      <Tooltip className="tooltip" offset={4}>
        {props.meaning}
      </Tooltip>
    </TooltipTrigger>
  );
}

import type { ReactNode } from "react";

import { Icon, type IconName } from "./icon";
import { useIsNarrow } from "./narrow";

/** What a wide page always shows, and a phone only when it is asked for. */
export function Fold(props: {
  readonly title: string;
  readonly icon: IconName;
  readonly children: ReactNode;
}) {
  if (!useIsNarrow()) return props.children;
  return (
    <details className="fold">
      <summary>
        <Icon name={props.icon} />
        {props.title}
      </summary>
      {props.children}
    </details>
  );
}

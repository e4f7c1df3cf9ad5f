import type { ReactNode } from "react";

import type { Tone } from "./chip";
import { Icon, type IconName } from "./icon";

/** A sentence that a person should act on or wait for. */
export function Notice(props: {
  readonly tone: Tone;
  readonly icon: IconName;
  readonly title: string;
  readonly children?: ReactNode;
  /** Said aloud at once when it appears; otherwise when the reader pauses. */
  readonly isUrgent?: boolean;
}) {
  return (
    <div className={`notice notice-${props.tone}`} role={props.isUrgent ? "alert" : "status"}>
      <Icon name={props.icon} />
      <div className="notice-body">
        <span className="notice-title">{props.title}</span>
        {props.children}
      </div>
    </div>
  );
}

/** What a place says when there is nothing in it, or nothing yet. */
export function Empty(props: {
  readonly icon: IconName;
  readonly title: string;
  readonly isWaiting?: boolean;
  readonly children?: ReactNode;
}) {
  return (
    <div className={props.isWaiting ? "empty pulse" : "empty"}>
      <Icon name={props.icon} />
      <p className="empty-title">{props.title}</p>
      {props.children}
    </div>
  );
}

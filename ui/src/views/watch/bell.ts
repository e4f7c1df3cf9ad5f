import { createContext, useContext, useSyncExternalStore } from "react";

import type { Precedence } from "../../api/alert-types";
import type { Bell, BellSnapshot } from "../../state/watch/bell";

/** The bell of this page, and what the sound check does with it. */
export interface BellActs {
  readonly bell: Bell;
  /** What the other party is told this desk is called. */
  readonly desk: string;
  /** Plays a pattern once, from an act of the person; asks for what the browser wants asked. */
  readonly try: (precedence: Precedence) => Promise<void>;
  /** The officer says whether it was heard. */
  readonly confirm: (isHeard: boolean) => void;
  readonly notices: () => NotificationPermission;
  /** Whether the screen is kept on. */
  readonly isKeptAwake: () => boolean;
}

/** Put there once by the wiring. */
export const BellContext = createContext<BellActs | null>(null);

/** The bell's acts. */
export function useBellActs(): BellActs {
  const acts = useContext(BellContext);
  if (acts === null) throw new Error("no bell was wired");
  return acts;
}

/** The bell as it is. */
export function useBell(): BellSnapshot {
  const { bell } = useBellActs();
  return useSyncExternalStore(bell.subscribe, bell.snapshot);
}

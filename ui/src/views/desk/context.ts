import { createContext, useContext, useSyncExternalStore } from "react";

import type { DeskFeed, DeskSnapshot } from "../../state/desk/feed";

/** The feed of the page, put there once by the wiring. */
export const DeskContext = createContext<DeskFeed | null>(null);

/** What the node last told the desk. */
export function useDesk(): DeskSnapshot {
  const feed = useContext(DeskContext);
  if (feed === null) throw new Error("no desk feed was wired");
  return useSyncExternalStore(feed.subscribe, feed.snapshot);
}

/**
 * The one place where a part puts its card on the watch page: a line in the list, and no other
 * change. A card is loaded when the page is opened; one that fails shows that it failed and takes
 * nothing down with it.
 */
import type { ComponentType } from "react";

/** A card of the watch page. */
export interface WatchCard {
  /** Names it among the others; the page remembers nothing by it. */
  readonly id: string;
  /** `main`: in the broad column, under the alerts. `side`: in the narrow one, under the lines. */
  readonly place: "main" | "side";
  /** An act of the permission table: whoever may not do it does not see the card. Null: everybody. */
  readonly needs: string | null;
  /** Loads the component; it takes nothing, and is a `section` of class `card` with a heading. */
  readonly load: () => Promise<{ readonly default: ComponentType }>;
}

/** In the order in which they stand. */
export const WATCH_CARDS: readonly WatchCard[] = [
  {
    id: "crises",
    place: "main",
    needs: "crisis.read",
    load: async () => import("../crisis/crisis-card"),
  },
  {
    id: "duty",
    place: "side",
    needs: "duty.read",
    load: async () => import("../duty/watch-card"),
  },
  {
    id: "notifications",
    place: "side",
    needs: "notification.read",
    load: async () => import("../notifications/watch-card"),
  },
  {
    id: "calls",
    place: "side",
    needs: "call.read",
    load: async () => import("../calls/watch-card"),
  },
  {
    id: "checks",
    place: "main",
    needs: "check.read",
    load: async () => import("../checks/checks-card"),
  },
  {
    id: "contacts",
    place: "side",
    needs: "contact.read",
    load: async () => import("../contacts/contacts-card"),
  },
];

/**
 * What a tab keeps for the one person who sits before it: drafts, seats in rooms, what was committed
 * to for a call. A reload and a sign-in that has run out lose nothing; whoever comes next at a shared
 * desk finds it empty.
 */

/** Where a tab keeps things until it is closed: `sessionStorage`. */
export interface Drawer {
  readonly length: number;
  clear(): void;
  key(at: number): string | null;
  getItem(name: string): string | null;
  setItem(name: string, value: string): void;
}

const OWNER = "parley.person";
const DRAFTS = "parley.draft.";

/** Where a draft of something is kept; `what` names it among all drafts. */
export function placeOfDraft(what: string): string {
  return DRAFTS + what;
}

/** Gives the drawer to a person; whatever another one left is thrown away. */
export function giveTo(drawer: Drawer, person: string): void {
  if (drawer.getItem(OWNER) === person) return;
  drawer.clear();
  drawer.setItem(OWNER, person);
}

/** Whether something was written that is not kept at the node. */
export function holdsDraft(drawer: Drawer): boolean {
  return Array.from({ length: drawer.length }, (_, at) => drawer.key(at)).some((name) =>
    name?.startsWith(DRAFTS),
  );
}

/** What another desk calls itself, read: the name is its own, and may be anything. */
export type DeskNamed =
  | { readonly kind: "desk"; readonly letters: string }
  | { readonly kind: "terminal" }
  | { readonly kind: "named"; readonly name: string };

/** As a browser names itself (`wiring/bell.ts`), and a terminal (`terminal/desk/app.py`). */
const MADE = /^desk ([0-9a-z]{4})$/u;
const TERMINAL = "terminal";

/** Reads what a desk calls itself; a name that a person gave it stands as it is. */
export function deskNamed(name: string): DeskNamed {
  const letters = MADE.exec(name)?.[1];
  if (letters !== undefined) return { kind: "desk", letters };
  return name === TERMINAL ? { kind: "terminal" } : { kind: "named", name };
}

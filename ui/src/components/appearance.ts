/** Light or dark: by the system, or by choice, remembered in this browser. */

/** What can be chosen. */
export type Appearance = "system" | "light" | "dark";

const APPEARANCE_KEY = "parley.appearance";

/** The choice made before. */
export function readAppearance(): Appearance {
  try {
    const kept = localStorage.getItem(APPEARANCE_KEY);
    return kept === "light" || kept === "dark" ? kept : "system";
  } catch {
    return "system";
  }
}

/** Whether this browser chose by itself, which outranks what the node remembers. */
export function hasChosenAppearance(): boolean {
  try {
    return localStorage.getItem(APPEARANCE_KEY) !== null;
  } catch {
    return false;
  }
}

/** Shows the page in `appearance`. */
export function show(appearance: Appearance): void {
  if (appearance === "system") delete document.documentElement.dataset["appearance"];
  else document.documentElement.dataset["appearance"] = appearance;
}

/** Remembers the choice in this browser. */
export function keepAppearance(appearance: Appearance): void {
  try {
    localStorage.setItem(APPEARANCE_KEY, appearance);
  } catch {
    // The choice holds for this page.
  }
}

import { useSyncExternalStore } from "react";

/** What a header of one row has room for; see the breakpoints of the style sheets. */
const WIDTHS = {
  narrow: "(max-width: 44rem)",
  named: "(min-width: 80rem)",
  folded: "(max-width: 89.99rem)",
};

/** Whether the page is as narrow as a phone. */
export function useIsNarrow(): boolean {
  return useIs("narrow");
}

/** Whether settings stand in a menu: the header keeps to one row. */
export function useIsFolded(): boolean {
  return useIs("folded");
}

/** Whether the menu that settings stand in has room for whose they are. */
export function useIsNamed(): boolean {
  return useIs("named");
}

function useIs(width: keyof typeof WIDTHS): boolean {
  return useSyncExternalStore(SUBSCRIBE[width], () => window.matchMedia(WIDTHS[width]).matches);
}

const SUBSCRIBE = {
  narrow: subscribeTo(WIDTHS.narrow),
  named: subscribeTo(WIDTHS.named),
  folded: subscribeTo(WIDTHS.folded),
};

function subscribeTo(width: string): (listener: () => void) => () => void {
  return (listener) => {
    const query = window.matchMedia(width);
    query.addEventListener("change", listener);
    return () => query.removeEventListener("change", listener);
  };
}

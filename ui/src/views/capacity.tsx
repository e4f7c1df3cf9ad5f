import { useLingui as useCatalogue } from "@lingui/react";

import { CAPACITY_WORDS } from "./watch/words";

/** Says in which office a person spoke; an office that this page does not know, by its code. */
export function useCapacityWords(): (code: string) => string {
  const { _ } = useCatalogue();
  return (code) => {
    const words = CAPACITY_WORDS[code];
    return words === undefined ? code : _(words);
  };
}

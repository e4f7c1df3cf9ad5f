import { createContext, useContext } from "react";

import type { RecordVerifier } from "../../record/contract";

/** What checks records beside the page, put there by the wiring. */
export const VerifierContext = createContext<RecordVerifier | null>(null);

/** The verifier of the page. */
export function useVerifier(): RecordVerifier {
  const verifier = useContext(VerifierContext);
  if (verifier === null) throw new Error("no verifier was wired");
  return verifier;
}

import { useParams } from "@tanstack/react-router";

import { RecordPage } from "../views/record/record-page";
import { VerifierContext } from "../views/record/verifier";
import { recordVerifier } from "./verifier";

/** The record of the first space there is. */
export function RecordRoute() {
  return (
    <VerifierContext value={recordVerifier}>
      <RecordPage space={null} />
    </VerifierContext>
  );
}

/** The record of one space. */
export function SpaceRoute() {
  const { space } = useParams({ from: "/record/$space" });
  return (
    <VerifierContext value={recordVerifier}>
      <RecordPage space={space} />
    </VerifierContext>
  );
}

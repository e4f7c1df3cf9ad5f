import { useParams } from "@tanstack/react-router";

import type { PartyId } from "../api/types";
import { AgreementPage } from "../views/agreement/agreement-page";
import { DevicesPage } from "../views/people/devices-page";
import { PeoplePage } from "../views/people/people-page";
import { TrailPage } from "../views/people/trail-page";

/** What two parties agree about their line. */
export function AgreementRoute() {
  const { party } = useParams({ from: "/lines/$party/agreement" });
  return <AgreementPage key={party} party={party as PartyId} />;
}

export { DevicesPage, PeoplePage, TrailPage };

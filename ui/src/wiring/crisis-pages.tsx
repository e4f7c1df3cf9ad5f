import { useParams } from "@tanstack/react-router";

import { AssessmentPage } from "../views/crisis/assessment-page";
import { CrisesPage } from "../views/crisis/crises-page";
import { CrisisPage } from "../views/crisis/crisis-page";

/** One crisis. */
export function CrisisRoute() {
  const { hash } = useParams({ from: "/crises/$hash" });
  return <CrisisPage key={hash} hash={hash} />;
}

/** The assessment after one. */
export function AssessmentRoute() {
  const { hash } = useParams({ from: "/crises/$hash/assessment" });
  return <AssessmentPage key={hash} hash={hash} />;
}

export { CrisesPage };

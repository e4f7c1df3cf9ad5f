import { useLingui } from "@lingui/react";

import { Notice } from "../../components/notice";
import { ProblemError } from "../../errors";
import { Problem } from "../problem";
import { FAULT_WORDS, GUARD_WORDS } from "./words";

/** Why an act on an alert was refused: the guard or the fault by name, where there is one. */
export function AlertProblem({ error }: { readonly error: Error | null }) {
  const { _ } = useLingui();
  const { code, params } =
    error instanceof ProblemError ? error : { code: "", params: {} as ProblemError["params"] };
  const known: Readonly<Record<string, { id: string } | undefined>> = {
    ...GUARD_WORDS,
    ...FAULT_WORDS,
  };
  const named =
    code === "alert.guard_refused"
      ? known[String(params["guard"])]
      : code === "alert.text_refused"
        ? known[String(params["reason"])]
        : undefined;
  if (named === undefined) return <Problem error={error} />;
  return <Notice tone="cut" icon="cut" isUrgent title={_(named)} />;
}

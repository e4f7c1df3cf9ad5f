import { useLingui } from "@lingui/react";

import { Notice } from "../components/notice";
import { ProblemError, ParleyError } from "../errors";
import { refusalWords } from "./words";

/** Why something asked of the node was not done; nothing when all is well. */
export function Problem({ error }: { readonly error: Error | null }) {
  const { _ } = useLingui();
  if (error === null) return null;
  const code = error instanceof ParleyError ? error.code : "web.fault";
  const params = error instanceof ProblemError ? error.params : {};
  return <Notice tone="cut" icon="cut" isUrgent title={_(refusalWords(code, params))} />;
}

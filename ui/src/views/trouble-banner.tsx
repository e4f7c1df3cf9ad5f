import { useLingui as useCatalogue } from "@lingui/react";
import { Trans } from "@lingui/react/macro";

import { Notice } from "../components/notice";
import { useDesk } from "./desk/context";
import { troubleWords } from "./words";

/** Loud on every page while the node itself cannot do what it is there for. */
export function TroubleBanner() {
  const { _ } = useCatalogue();
  const { node } = useDesk();
  return (
    <>
      {(node?.troubles ?? []).map((code) => (
        <div key={code} data-testid="trouble" data-code={code}>
          <Notice tone="cut" icon="warning" isUrgent title={_(troubleWords(code))}>
            {code.startsWith("storage.") && (
              <p>
                <Trans>What you write is refused until then. Calls and lines go on.</Trans>
              </p>
            )}
          </Notice>
        </div>
      ))}
    </>
  );
}

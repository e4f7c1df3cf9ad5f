import { Trans, useLingui } from "@lingui/react/macro";

import { Notice } from "../../components/notice";
import { useNow } from "../../components/now";
import { useFormat } from "../../i18n/format";
import { useDesk } from "./context";

/** Says that the node does not answer, and how old what is shown has become. */
export function Contact() {
  const { t } = useLingui();
  const { contact, heard_at } = useDesk();
  const format = useFormat();
  const now = useNow();
  if (contact !== "silent") return null;
  const age =
    heard_at === null ? null : format.age(Math.max(0, Math.floor((now - heard_at) / 1_000)));
  return (
    <div className="desk-contact">
      <Notice
        tone="cut"
        icon="turning"
        isUrgent
        title={t`Your node does not answer; trying again.`}
      >
        {age === null ? (
          <p>
            <Trans>Nothing has been heard from it since this page was opened.</Trans>
          </p>
        ) : (
          <p>
            <Trans>
              It was last heard {age}. What you see below was true then and is not proved now.
            </Trans>
          </p>
        )}
      </Notice>
    </div>
  );
}

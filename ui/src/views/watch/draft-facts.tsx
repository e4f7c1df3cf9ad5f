import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";

import type { AlertDraft } from "../../api/alert-types";
import { ALERT_LEVELS } from "../../api/alert-types";
import { spelled } from "../../state/watch/alerts";
import { ALERT_LEVEL_WORDS, PRECEDENCE_MEANINGS, STANDS_WORDS } from "./words";

/** All that is released beside the words: whoever verifies or releases sees every bit of it. */
export function DraftFacts({ draft }: { readonly draft: AlertDraft }) {
  const { _ } = useCatalogue();
  const { t } = useLingui();
  const level = ALERT_LEVELS.find((each) => each === draft.level);
  const stands = STANDS_WORDS[String(draft.stands_s ?? "")];
  return (
    <dl className="pairs">
      <dt>
        <Trans>Precedence</Trans>
      </dt>
      <dd>{_(PRECEDENCE_MEANINGS[draft.precedence])}</dd>
      <dt>
        <Trans>Drafted by</Trans>
      </dt>
      <dd>{draft.drafter_name ?? draft.drafter}</dd>
      <dt>
        <Trans>Verified by</Trans>
      </dt>
      <dd>{draft.verifier === null ? t`nobody` : (draft.verifier_name ?? draft.verifier)}</dd>
      <dt>
        <Trans>Level</Trans>
      </dt>
      <dd>{level === undefined ? t`not named` : _(ALERT_LEVEL_WORDS[level])}</dd>
      <dt>
        <Trans>Stands for</Trans>
      </dt>
      <dd>{stands === undefined ? t`${String(draft.stands_s)} s` : _(stands)}</dd>
      <dt>
        <Trans>May be quoted in public</Trans>
      </dt>
      <dd>{draft.is_quotable ? t`yes` : t`no`}</dd>
      {draft.is_exercise && (
        <>
          <dt>
            <Trans>Exercise that reaches principals</Trans>
          </dt>
          <dd>{draft.reaches_principals ? t`yes` : t`no`}</dd>
        </>
      )}
      {draft.attachment !== null && (
        <>
          <dt>
            <Trans>Fingerprint of the attachment</Trans>
          </dt>
          <dd>
            <code className="hash">{spelled(draft.attachment)}</code>
          </dd>
        </>
      )}
      <dt>
        <Trans>Fingerprint of the text</Trans>
      </dt>
      <dd>
        <code className="hash" data-testid="body-hash">
          {spelled(draft.body_hash)}
        </code>
        <p className="soft small">
          <Trans>Of exactly these bytes; the verifier's name is in them once it is verified.</Trans>
        </p>
      </dd>
    </dl>
  );
}

import { Link } from "@tanstack/react-router";
import { Trans, useLingui } from "@lingui/react/macro";

import { Empty } from "../components/notice";

/** Shown for an address that names nothing. */
export function LostPage() {
  const { t } = useLingui();
  return (
    <main id="main">
      <h1 className="unseen">{t`Nothing here`}</h1>
      <Empty icon="unknown" title={t`There is nothing at this address.`}>
        <Link className="button" to="/">
          <Trans>To the desk</Trans>
        </Link>
      </Empty>
    </main>
  );
}

/** Shown when the page itself failed: what to do, and that nothing was sent. */
export function FaultPage() {
  const { t } = useLingui();
  return (
    <main id="main">
      <h1 className="unseen">{t`The page failed`}</h1>
      <Empty icon="warning" title={t`The page failed. Your node is not affected.`}>
        <a className="button" href={window.location.pathname}>
          <Trans>Load it anew</Trans>
        </a>
      </Empty>
    </main>
  );
}

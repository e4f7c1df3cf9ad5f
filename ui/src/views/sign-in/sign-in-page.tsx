import { Trans, useLingui } from "@lingui/react/macro";

import { ProblemError } from "../../errors";
import { Icon } from "../../components/icon";
import { LanguageChoice } from "../frame";
import { Problem } from "../problem";
import "./sign-in.css";

/** Shown to whoever is not signed in: how to get in, and whom to ask. */
export function SignInPage() {
  const { t } = useLingui();
  // The node says in the address why a link did not open.
  const refused = new URLSearchParams(window.location.search).get("refused");
  return (
    <main id="main" className="sign-in">
      <div className="card sign-in-card">
        <img src="/mark.svg" alt="" width="44" height="44" />
        <h1>{t`You are not signed in`}</h1>
        {refused !== null && <Problem error={new ProblemError(401, refused, {})} />}
        <p>
          <Trans>
            Parley opens by a one-time link. Ask the engineer of your node for one; it is made with{" "}
            <code>parley person invite</code>. It works once, in one browser.
          </Trans>
        </p>
        <p className="soft small">
          <Icon name="node" />{" "}
          <Trans>This page talks to your own party's node only, never to another's.</Trans>
        </p>
        <LanguageChoice />
      </div>
    </main>
  );
}

import { Trans, useLingui } from "@lingui/react/macro";

import { useMutation, useQuery } from "@tanstack/react-query";

import { knowsPasskeys, signInByPasskey } from "../../api/passkey";
import { goToProvider, readWaysIn } from "../../api/ways-in";
import { Button } from "../../components/button";
import { ProblemError } from "../../errors";
import { Icon } from "../../components/icon";
import { LanguageChoice } from "../frame";
import { Problem } from "../problem";
import "./sign-in.css";

/** The way in for whoever has added a passkey before. */
function Passkey() {
  const { t } = useLingui();
  const enter = useMutation({
    mutationFn: signInByPasskey,
    onSuccess: () => window.location.assign("/"),
  });
  if (!knowsPasskeys()) return null;
  return (
    <>
      <Problem error={enter.error} />
      <Button
        weight="primary"
        icon="pin"
        data-testid="sign-in-passkey"
        isDisabled={enter.isPending}
        onPress={() => enter.mutate()}
      >
        {t`Sign in with a passkey`}
      </Button>
    </>
  );
}

/** The way in by the party's own provider of sign-ins, where it has one. */
function Provider() {
  const { t } = useLingui();
  const ways = useQuery({ queryKey: ["ways-in"], queryFn: readWaysIn, retry: false });
  const enter = useMutation({ mutationFn: goToProvider });
  const name = ways.data?.provider ?? null;
  if (name === null) return null;
  return (
    <>
      <Problem error={enter.error} />
      <Button
        icon="person"
        data-testid="sign-in-provider"
        isDisabled={enter.isPending || enter.isSuccess}
        onPress={() => enter.mutate()}
      >
        {t`Sign in with ${name}`}
      </Button>
    </>
  );
}

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
        <Passkey />
        <Provider />
        <p>
          <Trans>
            Or by a one-time link. Ask the engineer of your node for one; it is made with{" "}
            <code>parley person link</code>. It works once, in one browser.
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

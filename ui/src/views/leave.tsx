import { useMutation } from "@tanstack/react-query";
import { Trans, useLingui } from "@lingui/react/macro";
import { type ReactNode, useState } from "react";

import { signOut } from "../api/node";
import { Question } from "../components/question";
import { holdsDraft } from "../state/drawer";

/** Leaving, and the question that comes before it where it would lose a draft. */
export interface Leaving {
  readonly leave: () => void;
  /** Stands above the header, which is laid out anew when a window is turned. */
  readonly question: ReactNode;
}

/** Ends the sign-in of this browser and leaves nothing in this tab. */
export function useLeaving(): Leaving {
  const { t } = useLingui();
  const [isAsking, setAsking] = useState(false);
  const leaving = useMutation({
    mutationFn: signOut,
    // Emptied also when the node is silent: whoever leaves does not come back to see.
    onSettled: () => {
      sessionStorage.clear();
      window.location.assign("/");
    },
  });
  const question = isAsking && (
    <Question
      title={t`Sign out and lose what you wrote?`}
      no={t`Stay signed in`}
      yes={t`Sign out`}
      isDangerous
      isPending={leaving.isPending}
      onNo={() => setAsking(false)}
      onYes={() => leaving.mutate()}
    >
      <p>
        <Trans>
          Something written in this tab is not kept at the node yet. Signing out removes it, so that
          nobody else finds it here.
        </Trans>
      </p>
    </Question>
  );
  return {
    leave: () => (holdsDraft(sessionStorage) ? setAsking(true) : leaving.mutate()),
    question,
  };
}

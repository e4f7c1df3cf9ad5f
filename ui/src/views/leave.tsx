import { useMutation } from "@tanstack/react-query";
import { Trans, useLingui } from "@lingui/react/macro";
import { type ReactNode, useState } from "react";

import { signOut } from "../api/node";
import { Button } from "../components/button";
import { Sheet } from "../components/sheet";
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
  const question = (
    <Sheet
      title={t`Sign out and lose what you wrote?`}
      isOpen={isAsking}
      onClose={() => setAsking(false)}
      isQuestion
    >
      <p>
        <Trans>
          Something written in this tab is not kept at the node yet. Signing out removes it, so that
          nobody else finds it here.
        </Trans>
      </p>
      <div className="sheet-acts">
        <Button onPress={() => setAsking(false)} autoFocus>{t`Stay signed in`}</Button>
        <Button
          weight="danger"
          icon="leave"
          data-testid="leave-anyway"
          isDisabled={leaving.isPending}
          onPress={() => leaving.mutate()}
        >
          {t`Sign out`}
        </Button>
      </div>
    </Sheet>
  );
  return {
    leave: () => (holdsDraft(sessionStorage) ? setAsking(true) : leaving.mutate()),
    question,
  };
}

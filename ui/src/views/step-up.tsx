import { useMutation } from "@tanstack/react-query";
import { Trans, useLingui } from "@lingui/react/macro";
import { type ReactNode, useState } from "react";

import { stepUp } from "../api/passkey";
import { Button } from "../components/button";
import { Sheet } from "../components/sheet";
import { ProblemError } from "../errors";
import { Problem } from "./problem";

/** Whether the node refused only because a passkey was not used within the last minutes. */
export function needsStepUp(error: unknown): boolean {
  return error instanceof ProblemError && error.code === "permission.step_up_needed";
}

/** An act that may want a passkey first: it is asked for, and the act done again. */
export function useBinding<T>(
  act: (value: T) => Promise<unknown>,
  onDone: (value: T) => void,
): {
  readonly run: (value: T) => void;
  readonly isPending: boolean;
  /** Why it was not done; what a passkey will mend is no error. */
  readonly error: Error | null;
  /** To be put anywhere in the page. */
  readonly sheet: ReactNode;
} {
  const [waiting, setWaiting] = useState<{ readonly value: T } | null>(null);
  const done = useMutation<unknown, Error, T>({
    mutationFn: act,
    onSuccess: (_answer, value) => onDone(value),
    onError(error, value) {
      if (needsStepUp(error)) setWaiting({ value });
    },
  });
  return {
    run: (value) => done.mutate(value),
    isPending: done.isPending,
    error: needsStepUp(done.error) ? null : done.error,
    sheet: waiting !== null && (
      <StepUpSheet
        onClose={() => setWaiting(null)}
        onDone={() => {
          setWaiting(null);
          done.mutate(waiting.value);
        }}
      />
    ),
  };
}

/** Asks for a passkey before an act that binds. */
export function StepUpSheet(props: { readonly onClose: () => void; readonly onDone: () => void }) {
  const { t } = useLingui();
  const show = useMutation({ mutationFn: stepUp, onSuccess: props.onDone });
  return (
    <Sheet title={t`Show that it is you`} isOpen onClose={props.onClose} isQuestion>
      <p>
        <Trans>This act binds. Your node wants your passkey before it is done.</Trans>
      </p>
      <Problem error={show.error} />
      <div className="sheet-acts">
        <Button onPress={props.onClose}>{t`Not now`}</Button>
        <Button
          weight="primary"
          autoFocus
          data-testid="step-up"
          isDisabled={show.isPending}
          onPress={() => show.mutate()}
        >
          {t`Use the passkey`}
        </Button>
      </div>
    </Sheet>
  );
}

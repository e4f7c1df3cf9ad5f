import { Trans } from "@lingui/react/macro";

/** Cannot be overlooked: an exercise must not be taken for real, nor the real for an exercise. */
export function ExerciseMark() {
  return (
    <strong className="exercise-mark" data-testid="exercise">
      <Trans>EXERCISE EXERCISE EXERCISE</Trans>
    </strong>
  );
}

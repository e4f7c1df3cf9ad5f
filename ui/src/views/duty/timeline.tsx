import { useLingui as useCatalogue } from "@lingui/react";
import { useLingui } from "@lingui/react/macro";

import type { PlannedStep } from "../../api/duty-types";
import { Chip } from "../../components/chip";
import { clockOf, marksOf } from "../../state/duty/timeline";
import { END_WORDS, UNTIL_WORDS, WHY_WORDS } from "./words";

const WIDTH = 600;
const EDGE = 12;
const HEIGHT = 44;

/** A policy's steps as a line with marks, and in words below it. */
export function Timeline(props: {
  readonly began_at: string;
  readonly steps: readonly PlannedStep[];
}) {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  const marks = marksOf(props.steps, props.began_at);
  const x = (at: number) => EDGE + at * (WIDTH - 2 * EDGE);
  if (marks.length === 0) return <p className="small">{t`Nothing would happen.`}</p>;
  return (
    <>
      <svg className="plan-line" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
        <line x1={EDGE} x2={WIDTH - EDGE} y1={HEIGHT / 2} y2={HEIGHT / 2} />
        {marks.map(({ step, at }) => (
          <circle key={step.number} cx={x(at)} cy={HEIGHT / 2} r={6} />
        ))}
      </svg>
      <ol className="plan-steps">
        {marks.map(({ step, after_s }) => {
          const until = UNTIL_WORDS[step.until];
          return (
            <li key={step.number}>
              <strong>+{clockOf(after_s)}</strong>{" "}
              <span className="small soft">{until === undefined ? step.until : _(until)}</span>
              <ul className="plan-ends">
                {step.ends.map((end) => {
                  const kind = end.end.split(":")[0] ?? "";
                  const word = END_WORDS[kind];
                  const why = WHY_WORDS[end.why];
                  return (
                    <li key={end.end}>
                      {word === undefined ? kind : _(word)}{" "}
                      <bdi>{end.name ?? end.end.slice(kind.length + 1)}</bdi>{" "}
                      {why !== undefined && <Chip tone="cut">{_(why)}</Chip>}
                    </li>
                  );
                })}
              </ul>
            </li>
          );
        })}
      </ol>
    </>
  );
}

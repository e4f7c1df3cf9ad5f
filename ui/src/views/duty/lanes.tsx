import { useLingui as useCatalogue } from "@lingui/react";
import { useLingui } from "@lingui/react/macro";
import { Fragment } from "react";

import type { PlannedEnd, PlannedStep } from "../../api/duty-types";
import { Chip } from "../../components/chip";
import { useFormat } from "../../i18n/format";
import { languageFor } from "../../i18n/languages";
import { type Lane, lanesOf, ticksOf } from "../../state/duty/lanes";
import { clockOf, marksOf } from "../../state/duty/timeline";
import { END_WORDS, UNTIL_WORDS, WHY_WORDS } from "./words";

/** Percent of a lane left free at each end, so that no mark is cut off. */
const EDGE = 4;

/** Who is called when: a lane for each, the seconds below, and all of it in words. */
export function Lanes(props: {
  readonly began_at: string;
  readonly steps: readonly PlannedStep[];
}) {
  const { t } = useLingui();
  const { i18n } = useCatalogue();
  const isRight = languageFor([i18n.locale]).direction === "rtl";
  const x = (at: number) => {
    const percent = EDGE + at * (100 - 2 * EDGE);
    return `${isRight ? 100 - percent : percent}%`;
  };
  const lanes = lanesOf(props.steps, props.began_at);
  const ticks = ticksOf(props.steps, props.began_at);
  if (props.steps.length === 0) {
    return <p className="small">{t`Nobody would be called, whatever happens.`}</p>;
  }
  return (
    <>
      <div className="plan-lanes" aria-hidden="true">
        {lanes.map((lane) => (
          <LaneRow key={lane.id} lane={lane} x={x} />
        ))}
        <span />
        <svg className="plan-lane plan-ticks">
          {ticks.map(({ at, after_s }) => (
            <text key={after_s} x={x(at)} y="1.1em" textAnchor="middle" direction="ltr">
              +{clockOf(after_s)}
            </text>
          ))}
        </svg>
      </div>
      <StepsInWords {...props} />
    </>
  );
}

function LaneRow({ lane, x }: { readonly lane: Lane; readonly x: (at: number) => string }) {
  const { _ } = useCatalogue();
  const format = useFormat();
  const kind = kindOf(lane.end);
  const word = END_WORDS[kind];
  const isFault = WHY_WORDS[lane.end.why] !== undefined;
  return (
    <>
      <span className="plan-lane-name small">
        {lane.name === null ? (
          <>
            {word === undefined ? kind : _(word)} <bdi>{lane.end.end.slice(kind.length + 1)}</bdi>
          </>
        ) : (
          <bdi>{lane.name}</bdi>
        )}
      </span>
      <svg className={isFault ? "plan-lane plan-lane-fault" : "plan-lane"}>
        <line x1={x(0)} x2={x(1)} y1="50%" y2="50%" />
        {lane.calls.map(({ number, at }) => (
          <Fragment key={number}>
            <circle cx={x(at)} cy="50%" r="9" />
            <text x={x(at)} y="50%" dy="0.36em" textAnchor="middle">
              {format.number(number)}
            </text>
          </Fragment>
        ))}
      </svg>
    </>
  );
}

/** Rows of the list that say the first round; later rounds are the same again. */
function StepsInWords(props: {
  readonly began_at: string;
  readonly steps: readonly PlannedStep[];
}) {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  const format = useFormat();
  return (
    <details className="plan-words">
      <summary>{t`Every step in words`}</summary>
      <ol className="plan-steps">
        {marksOf(props.steps, props.began_at).map(({ step, after_s }) => {
          const until = UNTIL_WORDS[step.until];
          return (
            <li key={step.number}>
              <strong>
                {format.number(step.number + 1)}. <bdi>+{clockOf(after_s)}</bdi>
              </strong>{" "}
              <span className="small soft">{until === undefined ? step.until : _(until)}</span>
              <ul className="plan-ends">
                {step.ends.map((end) => (
                  <EndInWords key={end.end} end={end} />
                ))}
              </ul>
            </li>
          );
        })}
      </ol>
    </details>
  );
}

/** One end in words: by what, whose, and why instead of whom. */
export function EndInWords({ end }: { readonly end: PlannedEnd }) {
  const { _ } = useCatalogue();
  const kind = kindOf(end);
  const word = END_WORDS[kind];
  const why = WHY_WORDS[end.why];
  return (
    <li>
      {word === undefined ? kind : _(word)} <bdi>{end.name ?? end.end.slice(kind.length + 1)}</bdi>{" "}
      {why !== undefined && <Chip tone="cut">{_(why)}</Chip>}
    </li>
  );
}

function kindOf(end: PlannedEnd): string {
  return end.end.split(":")[0] ?? "";
}

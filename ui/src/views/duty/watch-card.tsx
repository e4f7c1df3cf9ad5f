import { useQuery } from "@tanstack/react-query";
import { useLingui as useCatalogue } from "@lingui/react";
import { Link } from "@tanstack/react-router";
import { Trans, useLingui } from "@lingui/react/macro";

import { readDutyCard } from "../../api/duty";
import type { DutyCard } from "../../api/duty-types";
import { ExerciseMark } from "../../components/exercise-mark";
import { Notice } from "../../components/notice";
import { useNow } from "../../components/now";
import { clockOf } from "../../state/duty/timeline";
import { useDesk } from "../desk/context";
import { Problem } from "../problem";
import { NowAndNext } from "./duty-page";
import { type TargetNames, useTargetWords } from "./targets";
import { PRECEDENCE_NAMES } from "./words";
import "./duty.css";

const REFRESH_MS = 5_000;

/** Who is on watch, and what escalates next. */
export default function DutyCardOnWatch() {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  const { clock_offset_ms } = useDesk();
  const now = useNow() + clock_offset_ms;
  const read = useQuery({
    queryKey: ["duty-card"],
    queryFn: readDutyCard,
    refetchInterval: REFRESH_MS,
  });
  const card = read.data;
  const words = useTargetWords(namesOnCard(card));
  return (
    <section className="card" aria-labelledby="watch-duty">
      <h2 id="watch-duty" className="desk-title">{t`Watch and escalation`}</h2>
      <Problem error={read.error} />
      {(card?.failed_notices ?? 0) > 0 && (
        <Notice tone="cut" icon="warning" title={t`Somebody could not be told`} />
      )}
      {(card?.gaps.length ?? 0) > 0 && (
        <Notice tone="cut" icon="warning" title={t`A watch of the next day is empty`} />
      )}
      {card?.rosters.map((roster) => (
        <div key={roster.key}>
          <h3>
            <bdi>{roster.name}</bdi>
          </h3>
          <NowAndNext roster={roster} />
        </div>
      ))}
      <ul className="watch-escalations">
        {card?.escalations.map((each) => (
          <li key={`${each.matter}${each.direction}`}>
            {each.is_exercise && <ExerciseMark />}
            <strong>{_(PRECEDENCE_NAMES[each.precedence])}</strong> {each.number}{" "}
            {each.next_at === null ? (
              <span className="small soft">{t`every step was taken`}</span>
            ) : (
              <span className="small">
                <Trans>
                  next step in {clockOf(Math.max(0, (Date.parse(each.next_at) - now) / 1_000))}
                </Trans>
                {" · "}
                <bdi>{each.next_targets.map(words).join(", ")}</bdi>
              </span>
            )}
          </li>
        ))}
      </ul>
      <Link to="/duty" className="button">
        <Trans>Duty</Trans>
      </Link>
    </section>
  );
}

/** The names that a card brings along: its watches, and whoever belongs to their offices. */
function namesOnCard(card: DutyCard | undefined): TargetNames {
  const rosters = card?.rosters ?? [];
  return new Map([
    ...rosters.map(({ key, name }) => [`roster:${key}`, name] as const),
    ...rosters.flatMap(({ members }) =>
      members.map(({ id, name }) => [`person:${id}`, name] as const),
    ),
  ]);
}

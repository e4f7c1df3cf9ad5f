import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Trans } from "@lingui/react/macro";

import { readCrises } from "../../api/crises";
import { ExerciseMark } from "../../components/exercise-mark";
import { SideLine } from "./side-chip";
import "./crisis.css";

const EVERY_MS = 5_000;
const SHOWN_MAX = 4;

/** Crises that a side has open, for the watch page; nothing on a day without one. */
export default function CrisisCard() {
  const all = useQuery({ queryKey: ["crises"], queryFn: readCrises, refetchInterval: EVERY_MS });
  const open = (all.data ?? []).filter(({ is_open }) => is_open);
  if (open.length === 0) return null;
  return (
    <section className="card crisis-heap" aria-labelledby="watch-crises">
      <h2 id="watch-crises" className="desk-title">
        <Trans>Open crises</Trans>
      </h2>
      <ul className="crisis-list">
        {open.slice(0, SHOWN_MAX).map((crisis) => (
          <li key={crisis.hash} className="crisis-heap">
            <Link to="/crises/$hash" params={{ hash: crisis.hash }} className="crisis-title">
              <Trans>Crisis {crisis.number}</Trans>
            </Link>
            {crisis.is_exercise && <ExerciseMark />}
            {crisis.sides.map((side) => (
              <SideLine key={side.party} side={side} parties={crisis.parties} />
            ))}
          </li>
        ))}
      </ul>
    </section>
  );
}

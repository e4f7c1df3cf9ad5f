import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";

import { readCrises } from "../../api/crises";
import type { CrisisSummary } from "../../api/crisis-types";
import { Button } from "../../components/button";
import { ExerciseMark } from "../../components/exercise-mark";
import { Empty } from "../../components/notice";
import { useDesk } from "../desk/context";
import { Problem } from "../problem";
import { BothTimes } from "../record/both-times";
import { OpenSheet } from "./open-sheet";
import { DrillFigures } from "./figures";
import { SideLine } from "./side-chip";
import { STAGE_WORDS } from "./words";
import "./crisis.css";

const EVERY_MS = 5_000;

/** Every crisis, the last one something was said in first. */
export function CrisesPage() {
  const { t } = useLingui();
  const { self } = useDesk();
  const navigate = useNavigate();
  const [isOpening, setOpening] = useState(false);
  const read = useQuery({ queryKey: ["crises"], queryFn: readCrises, refetchInterval: EVERY_MS });
  const mayOpen = self?.may.includes("crisis.open") === true;
  return (
    <main id="main" className="page crisis">
      <div className="page-head">
        <h1>{t`Crises`}</h1>
        {mayOpen && (
          <Button weight="primary" data-testid="new-crisis" onPress={() => setOpening(true)}>
            {t`Open a crisis`}
          </Button>
        )}
      </div>
      {read.isPending && <Empty icon="aside" title={t`Asking your node for crises`} isWaiting />}
      <Problem error={read.error} />
      {read.data?.length === 0 && (
        <Empty icon="aside" title={t`No crisis was ever opened here`}>
          <p className="soft">
            <Trans>
              Either side opens one alone, under its own title. Both desks see it at once.
            </Trans>
          </p>
        </Empty>
      )}
      {(read.data ?? []).length > 0 && (
        <ul className="crisis-list" aria-label={t`Crises`}>
          {read.data?.map((crisis) => (
            <CrisisRow key={crisis.hash} crisis={crisis} />
          ))}
        </ul>
      )}
      <DrillFigures />
      {isOpening && (
        <OpenSheet
          crisis={null}
          onClose={() => setOpening(false)}
          onDone={({ hash }) => void navigate({ to: "/crises/$hash", params: { hash } })}
        />
      )}
    </main>
  );
}

function CrisisRow({ crisis }: { readonly crisis: CrisisSummary }) {
  const { _ } = useCatalogue();
  return (
    <li className="card crisis-heap" data-testid="crisis">
      <div className="crisis-marks">
        <Link to="/crises/$hash" params={{ hash: crisis.hash }} className="crisis-title">
          <Trans>Crisis {crisis.number}</Trans>
        </Link>
        {crisis.state !== null && <span className="soft">{_(STAGE_WORDS[crisis.state])}</span>}
      </div>
      {crisis.is_exercise && <ExerciseMark />}
      {crisis.sides.map((side) => (
        <SideLine key={side.party} side={side} parties={crisis.parties} />
      ))}
      <p className="soft small">
        <Trans>Last said</Trans>{" "}
        <BothTimes at={crisis.last_at} parties={crisis.parties.map(({ id }) => id)} />
      </p>
    </li>
  );
}

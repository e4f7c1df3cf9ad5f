import type { MessageDescriptor } from "@lingui/core";
import { useQuery } from "@tanstack/react-query";
import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";

import { readExercises, readMeasures } from "../../api/crises";
import type {
  AlertFigures,
  CheckFigures,
  Crisis,
  PathFigures,
  Spread,
} from "../../api/crisis-types";
import { useFormat } from "../../i18n/format";
import { countdown } from "../../state/watch/alerts";
import { SILENCE_WORDS } from "../checks/words";
import { useDesk } from "../desk/context";
import { Problem } from "../problem";
import { usePartyName } from "./parts";

/** How drills went, in figures that both sides work out of the same entries. */
export function DrillFigures() {
  const read = useQuery({ queryKey: ["exercises"], queryFn: readExercises });
  const { lines } = useDesk();
  const known = (lines ?? []).map(({ party }) => ({
    id: party.id,
    name: party.name,
    is_ours: false,
  }));
  if (read.data === undefined || read.data.figures.length === 0) return null;
  const count = read.data.times.length;
  return (
    <section className="card crisis-heap" aria-labelledby="drills" data-testid="drills">
      <h2 id="drills" className="desk-title">
        <Trans>Exercises</Trans>
      </h2>
      <p className="soft small">
        <Trans>
          {count} alerts of exercises. Both sides work these figures out of the same entries.
        </Trans>
      </p>
      <AlertTable figures={read.data.figures} parties={known} />
    </section>
  );
}

/** What is measured of one crisis. */
export function MeasuresCard({ crisis }: { readonly crisis: Crisis }) {
  const { t } = useLingui();
  const format = useFormat();
  const { parties } = crisis;
  const nameOf = usePartyName(parties);
  const read = useQuery({
    queryKey: ["measures", crisis.hash, crisis.last_at],
    queryFn: async () => readMeasures(crisis.hash),
  });
  const found = read.data;
  return (
    <section className="card crisis-heap" aria-labelledby="measures">
      <h2 id="measures" className="desk-title">
        <Trans>What was measured</Trans>
      </h2>
      <Problem error={read.error} />
      {found !== undefined && (
        <>
          <AlertTable figures={found.alerts} parties={parties} />
          <dl className="crisis-figures" data-testid="measures">
            {found.checks.map((each) => (
              <Row key={each.party} name={t`Line checks that ${nameOf(each.party)} answered`}>
                <CheckWords figures={each} />
              </Row>
            ))}
            {found.notifications.map(({ party, sent, late, latest_ms }) => (
              <Row key={party} name={t`Notifications of ${nameOf(party)}`}>
                {latest_ms === null
                  ? t`${sent}, none late`
                  : t`${sent}, ${late} late, the latest by ${spanOf(latest_ms)}`}
              </Row>
            ))}
            <Row name={t`Our escalation`}>
              {found.escalation.latest_ms === null
                ? t`No step fell due`
                : t`${found.escalation.steps} steps, the latest ${spanOf(found.escalation.latest_ms)} after it was due`}
            </Row>
            {found.escalation.told > 0 && (
              <Row name={t`Steps the other side told us of`}>
                {format.number(found.escalation.told)}
              </Row>
            )}
            {found.paths.map((each) => (
              <Row
                key={each.path ?? ""}
                name={each.path === null ? t`The line was up` : t`Path ${each.path} was up`}
              >
                <UpWords figures={each} />
              </Row>
            ))}
          </dl>
        </>
      )}
      <p className="soft small">
        <Trans>
          Arrival is by two clocks, the rest by the receiver's alone. Of the other side's escalation
          only what it told is known here. The line was up while any path was, as our node saw it.
        </Trans>
      </p>
    </section>
  );
}

function Row(props: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

function CheckWords({ figures }: { readonly figures: CheckFigures }) {
  const { _ } = useCatalogue();
  const { t } = useLingui();
  const { kept, missed } = figures;
  const causes = Object.entries(figures.causes).map(([cause, count]) => {
    const word = SILENCE_WORDS[cause as keyof typeof SILENCE_WORDS] as
      | MessageDescriptor
      | undefined;
    return `${word === undefined ? cause : _(word)} ${count}`;
  });
  const why = causes.length === 0 ? "" : ` (${causes.join(", ")})`;
  return `${t`${kept} kept, ${missed} missed`}${why}`;
}

/** What share of the time seen a path was up; what our node did not see is neither. */
function UpWords({ figures }: { readonly figures: PathFigures }) {
  const { t } = useLingui();
  const format = useFormat();
  const share = format.share(figures.seen_ms === 0 ? 0 : figures.up_ms / figures.seen_ms);
  const seen = spanOf(figures.seen_ms);
  const down = spanOf(figures.seen_ms - figures.up_ms);
  const { breaks } = figures;
  return breaks === 0
    ? t`${share} of ${seen} seen`
    : t`${share} of ${seen} seen; down ${down}, breaks: ${breaks}`;
}

/** Whose alerts, and how the other side did with them: the median, and the longest. */
function AlertTable(props: {
  readonly figures: readonly AlertFigures[];
  readonly parties: Crisis["parties"];
}) {
  const { t } = useLingui();
  const { self } = useDesk();
  const nameOf = usePartyName(props.parties);
  const rows = props.figures.filter(({ alerts }) => alerts > 0);
  if (rows.length === 0) return <p className="soft">{t`No alert was released in it.`}</p>;
  const name = (party: AlertFigures["party"]) =>
    party === self?.party.id ? self.party.name : nameOf(party);
  return (
    // What scrolls must be reached by keyboard (WCAG 2.1.1).
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="crisis-scroll" tabIndex={0} role="group" aria-label={t`Times of alerts`}>
      <table className="crisis-table">
        <thead>
          <tr>
            <th scope="col">{t`Alerts of`}</th>
            <th scope="col">{t`Released`}</th>
            <th scope="col">{t`Arrived after`}</th>
            <th scope="col">{t`On a desk after`}</th>
            <th scope="col">{t`Acknowledged after`}</th>
            <th scope="col">{t`Answered after`}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((each) => (
            <tr key={each.party}>
              <th scope="row">
                <bdi>{name(each.party)}</bdi>
              </th>
              <td className="figures">{each.alerts}</td>
              <SpreadCell spread={each.deliver} />
              <SpreadCell spread={each.present} />
              <SpreadCell spread={each.acknowledge} />
              <SpreadCell spread={each.answer} />
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function SpreadCell({ spread }: { readonly spread: Spread }) {
  const { t } = useLingui();
  const format = useFormat();
  const { median_ms, longest_ms } = spread;
  if (median_ms === null || longest_ms === null) return <td className="soft">{t`never`}</td>;
  const say = (span: number) => (span < 1_000 ? format.milliseconds(span) : spanOf(span));
  const longest = say(longest_ms);
  return (
    <td className="figures">
      <span>{say(median_ms)}</span>{" "}
      <span className="soft small">
        <Trans>at most {longest}</Trans>
      </span>
    </td>
  );
}

/** Minutes and seconds, or hours too: figures that every language reads. */
function spanOf(span_ms: number): string {
  return countdown(Math.floor(span_ms / 1_000));
}

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";

import { readDuty } from "../../api/duty";
import type { Roster, Shift } from "../../api/duty-types";
import { Button } from "../../components/button";
import { Chip } from "../../components/chip";
import { Empty, Notice } from "../../components/notice";
import { useNow } from "../../components/now";
import { useFormat } from "../../i18n/format";
import { dayStart, gapsWithin } from "../../state/duty/week";
import { useDesk } from "../desk/context";
import { Problem } from "../problem";
import { Notices } from "./notices";
import { type Chosen, Overrides } from "./overrides";
import { Reach } from "./reach";
import { WeekPicture, Who } from "./week-picture";
import "../record/record.css";
import "../people/people.css";
import "./duty.css";

const DAYS = 7;
const DAY_MS = 86_400_000;
const REFRESH_MS = 15_000;
/** Hours ahead of which the node warns of an empty watch (roster.WARN_AHEAD_H). */
const WARNED_H = 24;

/** Who is on watch now and next, the week, exceptions, and who was told of what. */
export function DutyPage() {
  const { t } = useLingui();
  const { self, clock_offset_ms } = useDesk();
  const [week, setWeek] = useState(0);
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const may = (act: string) => self?.may.includes(act) ?? false;
  const read = useQuery({
    queryKey: ["duty", week],
    queryFn: async () => {
      // From midnight on, so that the day shows whole.
      const today = dayStart(Date.now() + clock_offset_ms, self?.party.time_zone ?? "UTC");
      const since = today + week * DAYS * DAY_MS;
      return readDuty(new Date(since).toISOString(), DAYS);
    },
    refetchInterval: REFRESH_MS,
  });
  const rosters = read.data?.rosters ?? [];
  return (
    <main id="main" className="page people">
      <header className="page-head">
        <h1>{t`Duty`}</h1>
        <Link to="/duty/plan" className="button" data-testid="to-plan">
          <Trans>Watches and escalation</Trans>
        </Link>
      </header>
      {(read.data?.failed_notices ?? 0) > 0 && (
        <Notice tone="cut" icon="warning" title={t`Somebody could not be told`}>
          <p>
            <a href="#notices-title">
              <Trans>See who, and why</Trans>
            </a>
          </p>
        </Notice>
      )}
      <section className="card people-card" aria-labelledby="rosters-title">
        <h2 id="rosters-title" className="desk-title">{t`Who is on watch`}</h2>
        {read.isPending && (
          <Empty icon="people" title={t`Asking your node who is on watch`} isWaiting />
        )}
        <Problem error={read.error} />
        {read.isSuccess && rosters.length === 0 && (
          <Empty icon="people" title={t`No watches are planned yet`}>
            <p className="small">
              <Trans>
                An engineer and a releaser make a plan together. Until then the duty officers are
                called, and after them the releasers.
              </Trans>
            </p>
          </Empty>
        )}
        {rosters.length > 0 && (
          <div className="people-acts">
            <Button isDisabled={week === 0} onPress={() => setWeek(week - 1)}>{t`Earlier`}</Button>
            <Button isDisabled={week > 6} onPress={() => setWeek(week + 1)}>{t`Later`}</Button>
          </div>
        )}
        {rosters.map((roster) => (
          <RosterWeek
            key={roster.key}
            roster={roster}
            {...(may("duty.override")
              ? { onChoose: (shift: Shift) => setChosen({ roster: roster.key, shift }) }
              : {})}
          />
        ))}
      </section>
      {rosters.length > 0 && may("duty.override") && (
        <Overrides
          rosters={rosters}
          overrides={read.data?.overrides ?? []}
          chosen={chosen}
          onDone={() => setChosen(null)}
        />
      )}
      {may("duty.reach") && <Reach />}
      <Notices mayTry={may("escalation.try")} />
    </main>
  );
}

/** One roster: who stands watch, who follows, and its week by its own clock. */
function RosterWeek(props: {
  readonly roster: Roster;
  readonly onChoose?: (shift: Shift) => void;
}) {
  const { t } = useLingui();
  const format = useFormat();
  const { clock_offset_ms } = useDesk();
  const now = useNow() + clock_offset_ms;
  const { roster, onChoose } = props;
  const { zone, name } = roster;
  const gaps = gapsWithin(roster.shifts, now, WARNED_H);
  return (
    <article className="watch-roster" aria-label={name}>
      <h3>
        <bdi>{name}</bdi> <span className="soft small">{format.zone(zone, now)}</span>
      </h3>
      <NowAndNext roster={roster} />
      {gaps.map((gap) => (
        <Notice
          key={gap.starts_at}
          tone="cut"
          icon="warning"
          title={
            Date.parse(gap.starts_at) <= now
              ? t`Nobody stands this watch now`
              : t`A watch of the next day is empty`
          }
        >
          <p className="small">
            {format.instant(gap.starts_at, zone)} – {format.instant(gap.ends_at, zone)}
          </p>
          {onChoose !== undefined && (
            <div>
              <Button
                data-testid="fill-gap"
                onPress={() => onChoose(gap)}
              >{t`Name somebody`}</Button>
            </div>
          )}
        </Notice>
      ))}
      <WeekPicture roster={roster} {...(onChoose === undefined ? {} : { onChoose })} />
    </article>
  );
}

/** Who has the duty, whose shift it is, and who follows. */
export function NowAndNext({ roster }: { readonly roster: Roster }) {
  const { t } = useLingui();
  const format = useFormat();
  const { current, next, zone } = roster;
  return (
    <dl className="watch-now">
      <div>
        <dt>{t`On duty`}</dt>
        <dd>
          {roster.on_duty === null ? (
            <Chip tone="fair">{t`nobody has taken it`}</Chip>
          ) : (
            <bdi>{roster.on_duty}</bdi>
          )}
          {roster.on_duty !== null && !roster.is_as_planned && (
            <Chip tone="fair">{t`not as planned`}</Chip>
          )}
        </dd>
      </div>
      <div>
        <dt>{t`Planned now`}</dt>
        <dd>
          <Who shift={current} /> <span className="soft small">{t`until`}</span>{" "}
          <span className="small">{format.instant(current.ends_at, zone)}</span>
        </dd>
      </div>
      {next !== null && (
        <div>
          <dt>{t`Then`}</dt>
          <dd>
            <Who shift={next} />
          </dd>
        </div>
      )}
    </dl>
  );
}

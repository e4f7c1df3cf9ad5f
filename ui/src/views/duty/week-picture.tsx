import { useLingui as useCatalogue } from "@lingui/react";
import { useLingui } from "@lingui/react/macro";

import type { Roster, Shift } from "../../api/duty-types";
import { Button } from "../../components/button";
import { Chip } from "../../components/chip";
import { useNow } from "../../components/now";
import { useFormat } from "../../i18n/format";
import { languageFor } from "../../i18n/languages";
import { type Bar, type BarDay, barsOf, daysOf } from "../../state/duty/week";

const HOURS: readonly number[] = [0, 6, 12, 18];
/** Shades a person's bars can have: more would not be told apart. */
const SHADES = 4;

/** A roster's week: a row for each day, a bar for each shift, what nobody stands hatched. */
export function WeekPicture(props: {
  readonly roster: Roster;
  /** Lets a shift be given to somebody else; without it nothing can be pressed. */
  readonly onChoose?: (shift: Shift) => void;
}) {
  const { t } = useLingui();
  const { i18n } = useCatalogue();
  const format = useFormat();
  const now = useNow();
  const { roster } = props;
  const { zone, name } = roster;
  const isRight = languageFor([i18n.locale]).direction === "rtl";
  // To the minute: a bar is no clock's hand, and every row would be drawn anew each second.
  const days = barsOf(roster.shifts, zone, now - (now % 60_000));
  return (
    <>
      <div className="week" aria-hidden="true">
        <span />
        <svg className="week-hours">
          {HOURS.map((hour) => (
            <text
              key={hour}
              x={placed(hour / 24, isRight)}
              dx={isRight ? -2 : 2}
              y="1em"
              direction="ltr"
              textAnchor={isRight ? "end" : "start"}
            >
              {String(hour).padStart(2, "0")}:00
            </text>
          ))}
        </svg>
        {days.map((day) => (
          <DayRow key={day.at} day={day} isRight={isRight} label={format.date(day.at, zone)} />
        ))}
      </div>
      <details className="plan-words">
        <summary>{t`The week of ${name} in words`}</summary>
        <ol className="watch-days">
          {daysOf(roster.shifts, zone).map((day) => (
            <li key={day.at} className="watch-day">
              <strong className="small">{format.date(day.at, zone)}</strong>
              <ul className="watch-parts">
                {day.parts.map((part) => (
                  <li
                    key={part.from}
                    className={part.shift.person === null ? "watch-part watch-gap" : "watch-part"}
                  >
                    <span className="small">
                      {minutes(format.time(part.from, zone))} –{" "}
                      {minutes(format.time(part.until, zone))}
                    </span>
                    <Who shift={part.shift} />
                    {part.shift.source === "override" && (
                      <span className="soft small">{t`by exception`}</span>
                    )}
                    {props.onChoose !== undefined && (
                      <Button weight="quiet" onPress={() => props.onChoose?.(part.shift)}>
                        {t`Somebody else`}
                      </Button>
                    )}
                  </li>
                ))}
              </ul>
            </li>
          ))}
        </ol>
      </details>
    </>
  );
}

const RIGHT_TO_LEFT = /^[^\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Han}]*\p{Script=Arabic}/u;

/** Who stands a watch, or that nobody does. */
export function Who({ shift }: { readonly shift: Shift }) {
  const { t } = useLingui();
  if (shift.person === null) return <Chip tone="cut">{t`Nobody`}</Chip>;
  return <bdi>{shift.name}</bdi>;
}

function DayRow(props: {
  readonly day: BarDay;
  readonly isRight: boolean;
  readonly label: string;
}) {
  const { day, isRight } = props;
  return (
    <>
      <span className="week-day small">{props.label}</span>
      <svg className="week-row">
        {day.bars.map((bar) => (
          <BarPicture key={bar.from} bar={bar} isRight={isRight} />
        ))}
        {HOURS.slice(1).map((hour) => {
          const x = placed(hour / 24, isRight);
          return <line key={hour} className="week-hour" x1={x} x2={x} y1="0" y2="100%" />;
        })}
        {day.now !== null && (
          <line
            className="week-now"
            x1={placed(day.now, isRight)}
            x2={placed(day.now, isRight)}
            y1="0"
            y2="100%"
          />
        )}
      </svg>
    </>
  );
}

function BarPicture({ bar, isRight }: { readonly bar: Bar; readonly isRight: boolean }) {
  const { t } = useLingui();
  const { shift } = bar.part;
  const isGap = shift.person === null;
  const shade = isGap ? "week-gap" : `week-shade-${bar.person % SHADES}`;
  const start = isRight ? 1 - bar.until : bar.from;
  const width = `${(bar.until - bar.from) * 100}%`;
  const name = isGap ? t`Nobody` : (shift.name ?? "");
  // A name begins where its own script begins: what does not fit is cut off at its end.
  const isNameRight = RIGHT_TO_LEFT.test(name);
  // What is wider than its bar is cut off by it: a drawing within the drawing.
  return (
    <svg x={`${start * 100}%`} width={width} height="100%">
      <rect className={`week-bar ${shade}`} x="1" y="2" width="100%" height="100%" rx="4" />
      {shift.source === "override" && (
        <rect className="week-override" x="1" y="2" width="4" height="100%" />
      )}
      <text
        className="week-name"
        direction={isNameRight ? "rtl" : "ltr"}
        x={isNameRight ? "100%" : "0"}
        dx={isNameRight ? -9 : 9}
        y="50%"
        dy="0.36em"
      >
        {name}
      </text>
    </svg>
  );
}

function placed(share: number, isRight: boolean): string {
  return `${(isRight ? 1 - share : share) * 100}%`;
}

/** "08:00:00" to the minute: shifts change by the minute at the finest. */
function minutes(time: string): string {
  return time.replace(
    /^(\D*\p{Decimal_Number}{1,2}\D\p{Decimal_Number}{2})\D\p{Decimal_Number}{2}/u,
    "$1",
  );
}

import { Link } from "@tanstack/react-router";
import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";

import type { Notification, NotificationType } from "../../api/paper-types";
import { Choice } from "../../components/choice";
import { Chip } from "../../components/chip";
import { ExerciseMark } from "../../components/exercise-mark";
import { Icon } from "../../components/icon";
import { Empty } from "../../components/notice";
import { useFormat } from "../../i18n/format";
import { titleOf } from "../../state/papers/definition";
import { type Place, type Series, seriesOf, type Wanted } from "../../state/papers/series";
import { useDesk } from "../desk/context";
import { Problem } from "../problem";
import { BothTimes } from "../record/both-times";
import { Begin } from "./begin";
import { DueCard } from "./due-card";
import { useNotifications, useNumberFaults, usePartyName, useTypes } from "./use-papers";
import { STATE_TONES, STATE_WORDS } from "./words";
import "../record/record.css";
import "./notifications.css";

const ANY = "any";

/** Every numbered notification of both sides, the numbers that are missing, and what is due. */
export function NotificationsPage() {
  const { t } = useLingui();
  const { self } = useDesk();
  const read = useNotifications();
  const faults = useNumberFaults();
  const types = useTypes();
  const [wanted, setWanted] = useState<Wanted>({ author: null, type_id: null, state: null });
  const all = read.data ?? [];
  const series = seriesOf(all, faults.data ?? [], wanted);
  return (
    <main id="main" className="page">
      <header className="page-head">
        <h1>{t`Notifications`}</h1>
        <Link to="/notifications/types" className="button">
          <Trans>Agreed types</Trans>
        </Link>
      </header>
      <div className="page-parts">
        <div className="page-main">
          <Filters wanted={wanted} all={all} types={types} onChange={setWanted} />
          {read.isPending && (
            <Empty icon="aside" title={t`Asking your node for the notifications`} isWaiting />
          )}
          <Problem error={read.error} />
          {read.isSuccess && series.length === 0 && (
            <div className="card">
              <Empty
                icon="aside"
                title={all.length === 0 ? t`No notification yet` : t`Nothing of this kind`}
              />
            </div>
          )}
          {series.map((each) => (
            <SeriesCard key={each.key} series={each} types={types} />
          ))}
        </div>
        <aside className="page-side" aria-label={t`What is due`}>
          {(self?.may.includes("notification.draft") ?? false) && <Begin types={types} />}
          <DueCard />
        </aside>
      </div>
    </main>
  );
}

function Filters(props: {
  readonly wanted: Wanted;
  readonly all: readonly Notification[];
  readonly types: readonly NotificationType[];
  readonly onChange: (wanted: Wanted) => void;
}) {
  const { t } = useLingui();
  const { _, i18n } = useCatalogue();
  const nameOf = usePartyName();
  const { wanted, all, types, onChange } = props;
  const given = (id: string) => (id === ANY ? null : id);
  return (
    <search className="filters" aria-label={t`What is shown`}>
      <Choice
        label={t`Party`}
        value={wanted.author ?? ANY}
        options={[
          { id: ANY, label: t`All parties` },
          ...ids(all.map(({ author }) => author)).map((id) => ({ id, label: nameOf(id) })),
        ]}
        onChange={(id) => onChange({ ...wanted, author: given(id) })}
      />
      <Choice
        label={t`Type`}
        value={wanted.type_id ?? ANY}
        options={[
          { id: ANY, label: t`All types` },
          ...ids(all.map(({ type_id }) => type_id)).map((id) => ({
            id,
            label: titleOf(types, id, i18n.locale),
          })),
        ]}
        onChange={(id) => onChange({ ...wanted, type_id: given(id) })}
      />
      <Choice
        label={t`State`}
        value={wanted.state ?? ANY}
        options={[
          { id: ANY, label: t`All states` },
          ...ids(all.map(({ state }) => state)).map((id) => {
            const words = STATE_WORDS[id];
            return { id, label: words === undefined ? id : _(words) };
          }),
        ]}
        onChange={(id) => onChange({ ...wanted, state: given(id) })}
      />
    </search>
  );
}

function SeriesCard(props: {
  readonly series: Series;
  readonly types: readonly NotificationType[];
}) {
  const { i18n } = useCatalogue();
  const nameOf = usePartyName();
  const { series, types } = props;
  const title = `series-${series.key}`.replaceAll("/", "-");
  const named = [title, `${title}-whose`, ...(series.isExercise ? [`${title}-mark`] : [])];
  return (
    <section className="card" aria-labelledby={named.join(" ")}>
      <header className="card-head">
        <h2 id={title} className="desk-title">
          {titleOf(types, series.type_id, i18n.locale)}
        </h2>
        <span id={`${title}-whose`} className="soft">
          <bdi>{nameOf(series.author)}</bdi> · <bdi>{series.year}</bdi>
        </span>
        {series.isExercise && (
          <span id={`${title}-mark`}>
            <ExerciseMark />
          </span>
        )}
      </header>
      <ul className="paper-rows">
        {series.places.map((place) => (
          <PlaceRow
            key={`${place.number} ${place.notification?.hash ?? ""}`}
            place={place}
            series={series}
          />
        ))}
      </ul>
    </section>
  );
}

function PlaceRow({ place, series }: { readonly place: Place; readonly series: Series }) {
  const { t } = useLingui();
  const plain = useFormat().number(place.number);
  const number = series.isExercise ? `E${plain}` : plain;
  const { notification } = place;
  if (notification === null) {
    return (
      <li
        className="paper-row paper-gap"
        data-testid={`gap-${series.isExercise ? "E" : ""}${place.number}`}
      >
        <span className="figures paper-number">{number}</span>
        <Chip tone="poor" icon="unknown">{t`Number missing`}</Chip>
        <span className="small soft">
          <Trans>No notification under this number has come.</Trans>
        </span>
      </li>
    );
  }
  const { author, year } = series;
  return (
    <li
      className="paper-row"
      data-testid={`notification-${series.isExercise ? "E" : ""}${place.number}`}
    >
      <Link
        to="/notifications/$hash"
        params={{ hash: notification.hash }}
        className="button paper-number"
        aria-label={t`Number ${number}, ${notification.number}`}
        data-party={author}
        data-year={year}
      >
        <span className="figures">{number}</span>
        <Icon name="next" />
      </Link>
      <NotificationState notification={notification} />
      {place.isDouble && <Chip tone="poor">{t`Number given twice`}</Chip>}
      <BothTimes
        at={notification.provided_at ?? notification.sent_at}
        parties={[notification.author]}
      />
    </li>
  );
}

function ids(found: readonly string[]): readonly string[] {
  return [...new Set(found)].toSorted();
}

/** Where a notification stands, and whether it came late. */
export function NotificationState({ notification }: { readonly notification: Notification }) {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  const { state, late, queries, breaches } = notification;
  const words = STATE_WORDS[state];
  const waiting = queries.filter((each) => each.state !== "clarified").length;
  return (
    <span className="paper-marks">
      <Chip tone={STATE_TONES[state] ?? "unknown"}>{words === undefined ? state : _(words)}</Chip>
      {late !== null && late !== "00:00" && <Chip tone="poor">{t`Late by ${late}`}</Chip>}
      {waiting > 0 && <Chip tone="fair" icon="unknown">{t`Question open`}</Chip>}
      {breaches.length > 0 && <Chip tone="cut">{t`Something does not hold`}</Chip>}
    </span>
  );
}

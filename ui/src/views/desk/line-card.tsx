import { useLingui as useCatalogue } from "@lingui/react";
import { Link } from "@tanstack/react-router";
import { Trans, useLingui } from "@lingui/react/macro";

import type { Line } from "../../api/types";
import { Chip } from "../../components/chip";
import { Icon, type IconName } from "../../components/icon";
import { Notice } from "../../components/notice";
import { useNow } from "../../components/now";
import { useFormat } from "../../i18n/format";
import { bestPath, forewarnings, lineWord, severity } from "../../state/desk/line";
import { LINE_WORDS } from "../words";
import { Age, Figure } from "./age";
import { Lanes, Paths } from "./line-tables";
import { useDesk } from "./context";
import { LINE_SILENCE_WORDS } from "./words";

const DRAWINGS: Readonly<Record<Line["state"], IconName>> = {
  up: "up",
  degraded: "warning",
  cut: "cut",
  cold: "turning",
  suspended: "cold",
  unconfirmed: "unknown",
};

/** One line: what it is, how it is, and how old the proof of that is. */
export function LineCard({ line }: { readonly line: Line }) {
  const { _ } = useCatalogue();
  const { contact } = useDesk();
  const title = `line-title-${line.party.id}`;
  const isProved = contact === "live";
  return (
    <li
      className={isProved ? "card line" : "card line line-stale"}
      data-testid={`line-${line.party.id}`}
      data-state={line.state}
      aria-labelledby={title}
    >
      <header className="line-head">
        <div className="line-name">
          <h3 id={title}>{line.party.name}</h3>
          {isProved ? (
            <Chip tone={severity(line.state)} icon={DRAWINGS[line.state]}>
              {_(LINE_WORDS[line.state])}
            </Chip>
          ) : (
            <Unproved state={_(LINE_WORDS[line.state])} />
          )}
        </div>
        <TheirTime line={line} />
      </header>
      <Sentence line={line} />
      {isProved && <Silence line={line} />}
      <Forewarnings line={line} />
      {line.state !== "unconfirmed" && (
        <>
          <KeyFigures line={line} />
          <Paths line={line} />
          <Lanes line={line} />
          <p>
            <Link
              to="/lines/$party/agreement"
              params={{ party: line.party.id }}
              className="button button-quiet"
            >
              <Icon name="line" />
              <span>
                <Trans>Agreement about the line</Trans>
              </span>
            </Link>
          </p>
        </>
      )}
    </li>
  );
}

function Unproved({ state }: { readonly state: string }) {
  const { t } = useLingui();
  return <Chip tone="unknown">{t`${state}, not proved now`}</Chip>;
}

function TheirTime({ line }: { readonly line: Line }) {
  const format = useFormat();
  const now = useNow() + useDesk().clock_offset_ms;
  const { time_zone } = line.party;
  return (
    <p className="line-clock">
      <span className="unseen">
        <Trans>Their local time</Trans>
      </span>
      <span className="figures line-clock-time">{format.time(now, time_zone)}</span>
      <span className="soft small">
        {format.date(now, time_zone)} · {format.zone(time_zone, now)}
      </span>
    </p>
  );
}

function Sentence({ line }: { readonly line: Line }) {
  const format = useFormat();
  const { self } = useDesk();
  const since = format.instant(line.since, self?.party.time_zone ?? "UTC");
  const party = line.party.name;
  const { word } = lineWord(line);
  return (
    <p className="line-sentence">
      {word === "up" && <Trans>Up since {since}.</Trans>}
      {word === "degraded" && (
        <Trans>
          Degraded since {since}: it carries what is urgent; pictures and documents may wait.
        </Trans>
      )}
      {word === "cut" && (
        <Trans>
          Cut since {since}. Nothing crosses. What is urgent waits and goes first; your node keeps
          trying by itself.
        </Trans>
      )}
      {word === "cold" && <Trans>Not reached yet. Your node keeps trying by itself.</Trans>}
      {word === "suspended" && <Trans>Suspended since {since}. Nothing is tried.</Trans>}
      {word === "they_have_not_confirmed" && (
        <Trans>
          Your side has confirmed; {party} has not. Nothing flows until both sides have.
        </Trans>
      )}
      {word === "we_have_not_confirmed" && (
        <Trans>
          {party} has confirmed; your side has not. Read the fingerprint words aloud to each other,
          then the engineer confirms with <code>parley pair</code>. Nothing flows until then.
        </Trans>
      )}
      {word === "nobody_confirmed" && (
        <Trans>
          Neither side has confirmed. Read the fingerprint words aloud to each other; both confirm
          with <code>parley pair</code>. Nothing flows until then.
        </Trans>
      )}
    </p>
  );
}

/** Of a line on which nothing comes: is it the way there, or their node? */
function Silence({ line }: { readonly line: Line }) {
  const { _ } = useCatalogue();
  if (line.silence === null) return null;
  return (
    <p data-testid="silence" data-silence={line.silence}>
      {_(LINE_SILENCE_WORDS[line.silence])}
    </p>
  );
}

function Forewarnings({ line }: { readonly line: Line }) {
  const { t } = useLingui();
  const format = useFormat();
  const { self, clock_offset_ms } = useDesk();
  const { skew_s, expires_at } = forewarnings(line, useNow() + clock_offset_ms);
  const skew = skew_s === null ? "" : format.number(skew_s);
  const expiry =
    expires_at === null ? "" : format.instant(expires_at, self?.party.time_zone ?? "UTC");
  return (
    <>
      {skew_s !== null && (
        <Notice tone="fair" icon="warning" title={t`Their clock differs from ours by ${skew} s.`} />
      )}
      {expires_at !== null && (
        <Notice
          tone="fair"
          icon="warning"
          title={t`Their card expires ${expiry}. Ask for a new one.`}
        />
      )}
    </>
  );
}

function KeyFigures({ line }: { readonly line: Line }) {
  const format = useFormat();
  const best = bestPath(line.paths);
  const working = line.paths.filter((path) => path.state === "up");
  const up = format.number(working.length);
  const all = format.number(line.paths.length);
  const rate = working.reduce((sum, path) => sum + (path.rate_bps ?? 0), 0);
  return (
    <dl className="line-figures">
      <div className="line-figure">
        <dt>
          <Icon name="line" />
          <Trans>Last proof of life</Trans>
        </dt>
        <dd>
          <Age at={line.last_proof_at} />
        </dd>
      </div>
      <div className="line-figure">
        <dt>
          <Trans>Round trip</Trans>
        </dt>
        <dd>
          <Figure value={best?.rtt_ms == null ? null : format.milliseconds(best.rtt_ms)} />
        </dd>
      </div>
      <div className="line-figure">
        <dt>
          <Trans>Rate</Trans>
        </dt>
        <dd>
          <Figure value={rate === 0 ? null : format.rate(rate)} />
        </dd>
      </div>
      <div className="line-figure">
        <dt>
          <Trans>Paths up</Trans>
        </dt>
        <dd className="figures">
          <Trans>
            {up} of {all}
          </Trans>
        </dd>
      </div>
    </dl>
  );
}

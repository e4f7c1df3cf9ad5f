import { useLingui as useCatalogue } from "@lingui/react";
import { Trans } from "@lingui/react/macro";

import type { Alert } from "../../api/alert-types";
import { useFormat } from "../../i18n/format";
import { useDesk } from "../desk/context";
import { PATH_WORDS } from "../words";
import { CAPACITY_WORDS, DUTY_WORDS, GIVEN_WORDS } from "./words";

/** What is proved of an alert, and nothing else; below it, whose turn it is. */
export function Sentence({ alert }: { readonly alert: Alert }) {
  const { _ } = useCatalogue();
  const duty = DUTY_WORDS[alert.saying.duty];
  return (
    <>
      <p className="alert-sentence" data-testid="sentence" data-sentence={alert.saying.sentence}>
        <Said alert={alert} />
      </p>
      <p className="soft small" data-testid="duty" data-duty={alert.saying.duty}>
        {duty === undefined ? alert.saying.duty : _(duty)}
      </p>
    </>
  );
}

function Said({ alert }: { readonly alert: Alert }) {
  const { _ } = useCatalogue();
  const { party, saying } = alert;
  const words = saying.capacity === null ? undefined : CAPACITY_WORDS[saying.capacity];
  const capacity = words === undefined ? (saying.capacity ?? "") : _(words);
  const at = <At alert={alert} />;
  switch (saying.sentence) {
    case "not_known_to_have_arrived":
      return (
        <>
          <Trans>Released; not known to have arrived.</Trans> <PathStates alert={alert} />
        </>
      );
    case "cosigned":
      return <Trans>{party} has cosigned our log up to it; no receipt came.</Trans>;
    case "on_their_disk":
      return (
        <Trans>
          On the disk of {party} at {at}.
        </Trans>
      );
    case "on_their_desk":
      return saying.has_sound === true ? (
        <Trans>
          On a desk of {party}, sound on, at {at}.
        </Trans>
      ) : (
        <Trans>
          On a desk of {party} at {at}; its sound was not proved to be on.
        </Trans>
      );
    case "read_by_them":
      return (
        <Trans>
          Read by the {capacity} of {party} at {at}.
        </Trans>
      );
    case "held_by_them":
    case "answered_by_them":
      return (
        <Trans>
          {party} at {at}: <LastAnswer alert={alert} />
        </Trans>
      );
    case "ours_to_read":
      return <Trans>Here since {at}. Nobody of us has acknowledged it.</Trans>;
    case "acknowledgement_sent":
      return (
        <Trans>
          Acknowledged by our {capacity} at {at}; {party} is not known to have that.
        </Trans>
      );
    case "acknowledgement_confirmed":
      return (
        <Trans>
          Acknowledged by our {capacity} at {at}; {party} knows it.
        </Trans>
      );
    case "answer_sent":
      return (
        <Trans>
          Answered at {at}; {party} is not known to have that. <LastAnswer alert={alert} />
        </Trans>
      );
    case "answer_confirmed":
      return (
        <Trans>
          Answered at {at}; {party} has it. <LastAnswer alert={alert} />
        </Trans>
      );
    default:
      return <>{saying.sentence}</>;
  }
}

/** What the last answer was, in two words. */
function LastAnswer({ alert }: { readonly alert: Alert }) {
  const { _ } = useCatalogue();
  const format = useFormat();
  const { self } = useDesk();
  const last = alert.answers.at(-1);
  if (last === undefined) return null;
  const words = GIVEN_WORDS[last.kind];
  const zone = self?.party.time_zone ?? "UTC";
  return (
    <>
      {words === undefined ? last.kind : _(words)}
      {last.until !== null && <> · {format.instant(last.until, zone)}</>}
    </>
  );
}

/** When, by whose clock, and how far that may be off. */
function At({ alert }: { readonly alert: Alert }) {
  const { saying, is_ours } = alert;
  if (saying.at === null) return null;
  return <ByClock at={saying.at} bound_ms={saying.bound_ms} party={is_ours ? alert.party : null} />;
}

/** An instant by one party's clock, in that party's own zone; "?" where the clock may be far off. */
export function ByClock(props: {
  readonly at: string;
  readonly bound_ms: number | null;
  /** Name of the party whose clock it is; null for our own. */
  readonly party: string | null;
  /** Whether the day is shown too: it is another than today. */
  readonly isDated?: boolean;
}) {
  const format = useFormat();
  const { self, lines } = useDesk();
  const own = self?.party.time_zone ?? "UTC";
  const theirs = lines?.find((line) => line.party.name === props.party)?.party.time_zone;
  const zone = props.party === null ? own : (theirs ?? "UTC");
  const time = format.time(props.at, zone);
  const day = format.date(props.at, zone);
  const { party } = props;
  const isDoubtful = props.bound_ms === null || props.bound_ms > 2_000;
  const bound = props.bound_ms === null ? "" : format.number(props.bound_ms / 1_000);
  return (
    <span className="by-clock">
      <bdi>
        <time
          className="figures"
          dateTime={props.at}
          title={`${day} · ${format.zone(zone, Date.parse(props.at))}`}
        >
          {props.isDated ? `${day}, ${time}` : time}
        </time>
      </bdi>{" "}
      <span className="soft small">
        {party === null ? <Trans>(our clock)</Trans> : <Trans>(clock of {party})</Trans>}
      </span>{" "}
      <span className="small" data-testid="bound">
        {isDoubtful ? (
          <abbr className="doubt" title={props.bound_ms === null ? "?" : `± ${bound} s`}>
            ?
          </abbr>
        ) : (
          <bdi>± {bound} s</bdi>
        )}
      </span>
    </span>
  );
}

/** The paths it could go by: as long as nothing proves that it arrived, this is all there is to say. */
function PathStates({ alert }: { readonly alert: Alert }) {
  const { _ } = useCatalogue();
  const { lines } = useDesk();
  const line = lines?.find((each) => each.party.id === alert.party_id);
  if (line === undefined) return null;
  return (
    <span className="path-states" data-testid="path-states">
      {line.paths.map((path) => (
        <span key={path.name} className={`path-state path-${path.state}`}>
          <bdi>{path.name}</bdi>: {_(PATH_WORDS[path.state])}
        </span>
      ))}
    </span>
  );
}

import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { Fragment, type ReactNode } from "react";

import type { Alert } from "../../api/alert-types";
import { ALERT_LEVELS } from "../../api/alert-types";
import { Chip } from "../../components/chip";
import { spelled } from "../../state/watch/alerts";
import { deskNamed } from "../../state/watch/desk-name";
import { useLateAlerts } from "./live";
import { languageName } from "../../i18n/languages";
import { useDesk } from "../desk/context";
import { usePartyNames } from "./draft-list";
import { useParaphraseWord } from "./paraphrases";
import { ByClock } from "./sentence";
import { ALERT_LEVEL_WORDS, BREACH_WORDS, GUARD_WORDS, CAPACITY_WORDS, GIVEN_WORDS } from "./words";

/** Step by step what is proved, by whose clock; then what it was released with; then what is wrong. */
export function AlertProofs({ alert }: { readonly alert: Alert }) {
  return (
    <div className="alert-proofs">
      <section className="card" aria-labelledby="proofs-title">
        <h2 id="proofs-title" className="desk-title">
          <Trans>What is proved</Trans>
        </h2>
        <Steps alert={alert} />
      </section>
      <section className="card" aria-labelledby="facts-title">
        <h2 id="facts-title" className="desk-title">
          <Trans>What it was released with</Trans>
        </h2>
        <Facts alert={alert} />
      </section>
      <Breaches alert={alert} />
    </div>
  );
}

/** A desk calls itself by four letters of its own making: said with a noun, and whose it is. */
function DeskNamed({ name, party }: { readonly name: string; readonly party: string }) {
  const place = deskNamed(name);
  if (place.kind === "terminal") return <Trans>A terminal of {party}</Trans>;
  if (place.kind === "named") return <bdi>{place.name}</bdi>;
  const { letters } = place;
  return (
    <Trans>
      A desk of {party} ({letters})
    </Trans>
  );
}

function Steps({ alert }: { readonly alert: Alert }) {
  const { _ } = useCatalogue();
  const { self } = useDesk();
  const { party, is_ours } = alert;
  const own = self?.party.name ?? "";
  /** Of whoever acts on it: the other party, if it is ours. */
  const reader = is_ours ? party : null;
  const bound = is_ours ? alert.received_bound_ms : alert.saying.bound_ms;
  const capacity = (code: string) => {
    const words = CAPACITY_WORDS[code];
    return words === undefined ? code : _(words);
  };
  return (
    <ol className="proof-steps">
      <Step
        at={alert.released_at}
        bound_ms={alert.released_bound_ms}
        party={is_ours ? null : party}
      >
        {alert.is_signed ? (
          <Trans>Released, signed with a releaser's passkey</Trans>
        ) : (
          <Trans>Released; no passkey is proved to have signed it</Trans>
        )}
      </Step>
      {!is_ours && (
        <Step at={alert.started_at} bound_ms={alert.saying.bound_ms} party={null}>
          <Trans>On our disk</Trans>
        </Step>
      )}
      {alert.received_at !== null && is_ours && (
        <Step at={alert.received_at} bound_ms={alert.received_bound_ms} party={party}>
          <Trans>On the disk of {party}, by its receipt</Trans>
        </Step>
      )}
      {alert.presented.map((each) => (
        <Step key={`${each.desk} ${each.at}`} at={each.at} bound_ms={bound} party={reader}>
          <DeskNamed name={each.desk} party={reader ?? own} />:{" "}
          {each.has_sound ? (
            <Trans>shown, sound on</Trans>
          ) : (
            <Trans>shown, sound not proved on</Trans>
          )}
        </Step>
      ))}
      {alert.acknowledgements.map((each) => (
        <Step key={`ack ${each.at}`} at={each.at} bound_ms={bound} party={reader}>
          <Acknowledged capacity={capacity(each.capacity)} language={each.language} />
          {!is_ours && <Confirmed isConfirmed={each.is_confirmed} party={party} />}
          {each.sentences.map(({ language, text }) => (
            <q key={language} lang={language} dir="auto" className="small soft fixed-sentence">
              {text}
            </q>
          ))}
        </Step>
      ))}
      {alert.answers.map((each) => {
        const words = GIVEN_WORDS[each.kind];
        return (
          <Step key={`${each.kind} ${each.at}`} at={each.at} bound_ms={bound} party={reader}>
            <strong>{words === undefined ? each.kind : _(words)}</strong> ({capacity(each.capacity)}
            )
            {each.until !== null && (
              <>
                {" "}
                <ByClock at={each.until} bound_ms={bound} party={reader} />
              </>
            )}
            <LevelWord level={each.level} />
            {!is_ours && <Confirmed isConfirmed={each.is_confirmed} party={party} />}
            {each.words !== null && (
              <p className="alert-words" dir="auto">
                {each.words}
              </p>
            )}
          </Step>
        );
      })}
      <ParaphraseSteps alert={alert} />
      <Told alert={alert} />
      <Closings alert={alert} />
    </ol>
  );
}

/** How it was understood and its author's word on that, each by the clock of whoever said it. */
function ParaphraseSteps({ alert }: { readonly alert: Alert }) {
  const { _ } = useCatalogue();
  const word = useParaphraseWord();
  const { party, is_ours } = alert;
  const theirs = is_ours ? alert.received_bound_ms : alert.saying.bound_ms;
  const capacity = (code: string) => {
    const words = CAPACITY_WORDS[code];
    return words === undefined ? code : _(words);
  };
  return alert.paraphrases.map((each) => (
    <Fragment key={each.hash}>
      <Step at={each.at} bound_ms={theirs} party={is_ours ? party : null}>
        <strong>{word("understood")}</strong> ({capacity(each.capacity)})
        {!is_ours && <Confirmed isConfirmed={each.has_arrived} party={party} />}
        <p className="alert-words" lang={each.language} dir="auto">
          {each.text}
        </p>
      </Step>
      {each.word !== null && (
        <Step at={each.word.at} bound_ms={null} party={is_ours ? null : party}>
          <strong>{word(each.word.kind)}</strong> ({capacity(each.word.capacity)})
          {is_ours && <Confirmed isConfirmed={each.word.has_arrived} party={party} />}
          {each.word.correction !== null && (
            <p className="alert-words" lang={each.word.correction.language} dir="auto">
              {each.word.correction.text}
            </p>
          )}
        </Step>
      )}
    </Fragment>
  ));
}

/** What a party told that is nobody's act on this alert. */
function Told({ alert }: { readonly alert: Alert }) {
  return (
    <>
      <StepsTold alert={alert} />
      <AcknowledgementsTold alert={alert} />
    </>
  );
}

/** Each party's closing by its own clock, and since when the other end has it by that end's. */
function Closings({ alert }: { readonly alert: Alert }) {
  const { self } = useDesk();
  const { party } = alert;
  return alert.closings.map((each) => {
    const isTheirs = each.party === alert.party_id;
    const name = isTheirs ? party : (self?.party.name ?? "");
    const ofTheirs = alert.is_ours ? alert.received_bound_ms : alert.released_bound_ms;
    const ofOurs = alert.is_ours ? alert.released_bound_ms : alert.saying.bound_ms;
    return (
      <Step
        key={`closed ${each.party}`}
        at={each.at}
        bound_ms={isTheirs ? ofTheirs : ofOurs}
        party={isTheirs ? party : null}
      >
        <Trans>Closed by {name}</Trans>
        {each.arrived_at === null ? (
          <Confirmed isConfirmed={false} party={party} />
        ) : (
          <span className="small soft">
            {" · "}
            {isTheirs ? <Trans>Here since</Trans> : <Trans>{party} has it since</Trans>}{" "}
            <ByClock
              at={each.arrived_at}
              bound_ms={isTheirs ? ofOurs : ofTheirs}
              party={isTheirs ? null : party}
            />
          </span>
        )}
        {each.words !== null && (
          <p className="alert-words" dir="auto">
            {each.words}
          </p>
        )}
      </Step>
    );
  });
}

/** Of the escalations of either party, what it told the other. */
function StepsTold({ alert }: { readonly alert: Alert }) {
  const { party } = alert;
  return alert.steps.map(({ number, ...each }) => (
    <Step
      key={`step ${each.is_ours ? "ours" : "theirs"} ${number}`}
      at={each.reached_at}
      bound_ms={null}
      party={each.is_ours ? null : party}
    >
      {each.is_ours ? (
        <Trans>
          We told {party}: step {number} of our escalation is reached
        </Trans>
      ) : (
        <Trans>
          {party} told us: step {number} of its escalation is reached
        </Trans>
      )}
    </Step>
  ));
}

/** Which other recipients acknowledged it: its author tells, and that party's signature proves. */
function AcknowledgementsTold({ alert }: { readonly alert: Alert }) {
  const { _ } = useCatalogue();
  const { party } = alert;
  return alert.told.map((each) => {
    const who = each.party;
    const words = CAPACITY_WORDS[each.capacity];
    return (
      <Step key={`told ${each.party_id}`} at={each.at} bound_ms={null} party={who}>
        {alert.is_ours ? (
          <Trans>
            We told {party}: {who} acknowledged it
          </Trans>
        ) : (
          <Trans>
            {who} acknowledged it: {party} told us, and the signature of {who} proves it
          </Trans>
        )}{" "}
        ({words === undefined ? each.capacity : _(words)})
      </Step>
    );
  });
}

function Acknowledged(props: { readonly capacity: string; readonly language: string }) {
  const { capacity } = props;
  const language = languageName(props.language);
  return (
    <Trans>
      Read by a {capacity}, in <bdi>{language}</bdi>, signed with a passkey
    </Trans>
  );
}

function Confirmed(props: { readonly isConfirmed: boolean; readonly party: string }) {
  const { party } = props;
  return (
    <span className="small soft">
      {" · "}
      {props.isConfirmed ? (
        <Trans>{party} has it</Trans>
      ) : (
        <Trans>{party} is not known to have it</Trans>
      )}
    </span>
  );
}

function LevelWord({ level }: { readonly level: string | null }) {
  const { _ } = useCatalogue();
  const known = ALERT_LEVELS.find((each) => each === level);
  if (level === null) return null;
  return <> · {known === undefined ? level : _(ALERT_LEVEL_WORDS[known])}</>;
}

function Step(props: {
  readonly at: string;
  readonly bound_ms: number | null;
  readonly party: string | null;
  readonly children: ReactNode;
}) {
  return (
    <li>
      <span className="proof-at">
        <ByClock at={props.at} bound_ms={props.bound_ms} party={props.party} />
      </span>
      <div>{props.children}</div>
    </li>
  );
}

function Facts({ alert }: { readonly alert: Alert }) {
  const { t } = useLingui();
  const names = usePartyNames(alert.recipients.filter((each) => each !== alert.party_id));
  return (
    <dl className="pairs">
      <dt>
        <Trans>Verified by a second person</Trans>
      </dt>
      <dd>{alert.is_verified ? t`yes` : t`no`}</dd>
      <dt>
        <Trans>Level</Trans>
      </dt>
      <dd>{alert.level === null ? t`not named` : <LevelWord level={alert.level} />}</dd>
      <dt>
        <Trans>May be quoted in public</Trans>
      </dt>
      <dd>{alert.is_quotable ? t`yes` : t`no`}</dd>
      {alert.attachment !== null && (
        <>
          <dt>
            <Trans>Fingerprint of the attachment</Trans>
          </dt>
          <dd>
            <code className="hash">{spelled(alert.attachment)}</code>
          </dd>
        </>
      )}
      {alert.recipients.length > 1 && (
        <>
          <dt>
            <Trans>Also to</Trans>
          </dt>
          <dd>{names}</dd>
        </>
      )}
      <dt>
        <Trans>Fingerprint of the text</Trans>
      </dt>
      <dd>
        <code className="hash" data-testid="body-hash">
          {spelled(alert.body_hash)}
        </code>
        <p className="soft small">
          <Trans>
            Whoever else got it reads the same fingerprint. If two differ, two parties were told
            different things.
          </Trans>
        </p>
        <Siblings alert={alert} />
      </dd>
    </dl>
  );
}

/** The same text as it went over our other lines: what each of those parties is proved to have done. */
function Siblings({ alert }: { readonly alert: Alert }) {
  const { t } = useLingui();
  const others = (useLateAlerts().data ?? []).filter(
    (each) => each.thread === alert.thread && each.hash !== alert.hash,
  );
  if (!alert.is_ours || others.length === 0) return null;
  return (
    <ul className="strip">
      {others.map((each) => (
        <li key={each.hash} className="strip-line">
          <span className="strip-name">{each.party}</span>
          {each.body_hash === alert.body_hash ? (
            <Chip tone="good">{t`Same text`}</Chip>
          ) : (
            <Chip tone="cut">{t`Another text`}</Chip>
          )}
        </li>
      ))}
    </ul>
  );
}

function Breaches({ alert }: { readonly alert: Alert }) {
  const { _ } = useCatalogue();
  const { self } = useDesk();
  if (alert.breaches.length === 0) return null;
  return (
    <section className="card" aria-labelledby="breaches-title">
      <h2 id="breaches-title" className="desk-title">
        <Trans>Not by the rules</Trans>
      </h2>
      <p className="small">
        <Trans>Each of these is kept and proved, and had no effect on what is shown above.</Trans>
      </p>
      <ul className="strip">
        {alert.breaches.map((each) => {
          const words = BREACH_WORDS[each.kind];
          const guard = each.kind === "guard" ? GUARD_WORDS[each.what] : undefined;
          const name = each.party === alert.party_id ? alert.party : (self?.party.name ?? "");
          return (
            <li key={`${each.entry} ${each.kind} ${each.what}`} className="strip-line">
              <span className="strip-name">{name}</span>
              <span>{words === undefined ? each.kind : _(words)}</span>
              {guard === undefined ? (
                <code className="small">{each.what}</code>
              ) : (
                <span className="small">{_(guard)}</span>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

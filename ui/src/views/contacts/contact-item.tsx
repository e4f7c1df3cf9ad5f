import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";

import type { Contact, ContactLine, PartyContacts } from "../../api/contact-types";
import { Button } from "../../components/button";
import { Chip, type Tone } from "../../components/chip";
import { useFormat } from "../../i18n/format";
import { languageName } from "../../i18n/languages";
import { readable } from "../../state/contacts/contacts";
import { BothTimes } from "../record/both-times";
import { useMay } from "../watch/live";
import { ALERT_LEVEL_WORDS } from "../watch/words";
import { TrialSheet } from "./trial-sheet";
import { CONTACT_STANDING_WORDS, OUTCOME_WORDS, WAY_WORDS } from "./words";

const STANDING_TONES: Readonly<Record<Contact["standing"], Tone>> = {
  untried: "unknown",
  reached: "good",
  failed: "cut",
};

/** One contact: who it is, whether it is there now, how to reach it, and whether that worked. */
export function ContactItem(props: {
  readonly line: ContactLine;
  readonly side: PartyContacts;
  readonly contact: Contact;
}) {
  const { line, side, contact } = props;
  const { i18n } = useCatalogue();
  const { t } = useLingui();
  const mayTry = useMay("contact.try");
  const [isTrying, setIsTrying] = useState(false);
  const title = readable(contact.title, i18n.locale);
  return (
    <li className="contact" data-testid="contact" data-mark={contact.mark}>
      <div className="contact-head">
        <h4>
          {contact.title.map(({ language, text }) => (
            <bdi
              key={language}
              lang={language}
              className={language === title?.language ? "contact-title" : "soft"}
            >
              {text}
            </bdi>
          ))}
        </h4>
        <Presence line={line} contact={contact} />
      </div>
      <p className="small soft">
        <LevelName level={contact.level} /> ·{" "}
        {contact.languages.map((each) => languageName(each)).join(", ")}
      </p>
      {contact.duty.map(({ language, text }) => (
        <p key={language} lang={language} dir="auto" className="contact-duty">
          {text}
        </p>
      ))}
      <Ways contact={contact} />
      {contact.hours !== null && <Hours hours={contact.hours} />}
      <Trials line={line} contact={contact} />
      {mayTry && (
        <Button
          data-testid="contact-tried"
          onPress={() => setIsTrying(true)}
        >{t`Say what came of using it`}</Button>
      )}
      {isTrying && (
        <TrialSheet
          line={line}
          contact={contact}
          isOurs={side.is_ours}
          onClose={() => setIsTrying(false)}
        />
      )}
    </li>
  );
}

/** A level of the agreement, in the reader's words where there are any. */
function LevelName({ level }: { readonly level: string }) {
  const { _ } = useCatalogue();
  const words = Object.entries(ALERT_LEVEL_WORDS).find(([id]) => id === level)?.[1];
  return words === undefined ? <bdi>{level}</bdi> : _(words);
}

function Presence({ line, contact }: { readonly line: ContactLine; readonly contact: Contact }) {
  const { t } = useLingui();
  const { is_open, changes_at } = contact;
  if (is_open === null) return <Chip tone="unknown">{t`Hours not known here`}</Chip>;
  return (
    <span className="contact-presence">
      <Chip tone={is_open ? "good" : "unknown"}>{is_open ? t`There now` : t`Not there now`}</Chip>
      {changes_at !== null && (
        <span className="small">
          {is_open ? (
            <Trans>
              until <BothTimes at={changes_at} parties={[line.party_id]} />
            </Trans>
          ) : (
            <Trans>
              from <BothTimes at={changes_at} parties={[line.party_id]} />
            </Trans>
          )}
        </span>
      )}
      {changes_at === null && is_open && (
        <span className="small">
          <Trans>at any hour</Trans>
        </span>
      )}
    </span>
  );
}

/** In the order in which they are to be tried; numbers are never turned round. */
function Ways({ contact }: { readonly contact: Contact }) {
  const { _ } = useCatalogue();
  return (
    <ul className="contact-ways">
      {contact.ways.map(({ kind, text }) => (
        <li key={`${kind} ${text}`}>
          <span className="soft small">{_(WAY_WORDS[kind])}</span>{" "}
          <bdi
            dir={kind === "other" ? "auto" : "ltr"}
            className={kind === "other" ? "" : "figures"}
          >
            {text}
          </bdi>
        </li>
      ))}
    </ul>
  );
}

function Hours({ hours }: { readonly hours: NonNullable<Contact["hours"]> }) {
  const format = useFormat();
  const { zone } = hours;
  return (
    <ul className="contact-hours small soft">
      {hours.spans.map(({ days, begins, ends }) => (
        <li key={`${days.join(" ")} ${begins}`}>
          {days.map((day) => format.weekday(day)).join(", ")}{" "}
          <bdi dir="ltr" className="figures">
            {begins}–{ends}
          </bdi>{" "}
          <bdi dir="ltr">{zone}</bdi>
        </li>
      ))}
    </ul>
  );
}

/** When it was last used, by whom, and what came of it. */
function Trials({ line, contact }: { readonly line: ContactLine; readonly contact: Contact }) {
  const { _ } = useCatalogue();
  const { party } = line;
  return (
    <div className="contact-trials">
      <Chip tone={STANDING_TONES[contact.standing]}>
        {_(CONTACT_STANDING_WORDS[contact.standing])}
      </Chip>
      <ul>
        {contact.trials.slice(0, 2).map((trial) => (
          <li key={`${trial.at} ${String(trial.is_ours)} ${trial.outcome}`} className="small">
            {_(OUTCOME_WORDS[trial.outcome])},{" "}
            {trial.is_ours ? <Trans>by us</Trans> : <Trans>by {party}</Trans>},{" "}
            <BothTimes at={trial.at} parties={[line.party_id]} />
            {trial.was_open === false && (
              <>
                {" "}
                <Trans>(outside the hours)</Trans>
              </>
            )}
            {trial.words !== null && (
              <>
                {" "}
                <q dir="auto">{trial.words}</q>
              </>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

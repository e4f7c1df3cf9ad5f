import { useLingui as useCatalogue } from "@lingui/react";
import { useLingui } from "@lingui/react/macro";

import type { Alert, AlertText, Precedence } from "../../api/alert-types";
import { Chip } from "../../components/chip";
import { PARAPHRASE_WORDS, PRECEDENCE_WORDS, STANDING_WORDS } from "./words";

/** The precedence: word, weight and shape, so that it is told without colour. */
export function PrecedenceMark({ precedence }: { readonly precedence: Precedence }) {
  const { _ } = useCatalogue();
  return (
    <span className={`precedence precedence-${precedence}`}>{_(PRECEDENCE_WORDS[precedence])}</span>
  );
}

/** What else must be seen of an alert at once. */
export function StandingMarks({ alert }: { readonly alert: Alert }) {
  const { _ } = useCatalogue();
  const { t } = useLingui();
  const standing = STANDING_WORDS[alert.standing];
  const isOverdue = alert.overdue.some((each) => !each.step.startsWith("target"));
  return (
    <>
      {standing !== undefined && (
        <Chip tone="unknown" icon="cold">
          {_(standing)}
        </Chip>
      )}
      {isOverdue && alert.state !== "closed" && <Chip tone="cut" icon="warning">{t`OVERDUE`}</Chip>}
      <ParaphraseMark alert={alert} />
      {alert.is_demoted && <Chip tone="fair">{t`Demoted: too many flashes within the hour`}</Chip>}
      {!alert.is_signed && (
        <Chip tone="cut" icon="warning">{t`No passkey proves who released it`}</Chip>
      )}
      {alert.breaches.length > 0 && <Chip tone="poor">{t`Not by the rules`}</Chip>}
      {alert.state === "closed" && <Chip tone="good">{t`Closed`}</Chip>}
    </>
  );
}

/** That how it was understood waits for a word: the author is asked, the reader waits. */
export function ParaphraseMark({ alert }: { readonly alert: Alert }) {
  const { _ } = useCatalogue();
  const words = PARAPHRASE_WORDS[alert.is_ours ? "ours" : "waiting"];
  if (alert.paraphrase_state !== "waiting" || words === undefined) return null;
  return <Chip tone={alert.is_ours ? "fair" : "unknown"}>{_(words)}</Chip>;
}

/** Words of people: never ours, so in their own language and direction. */
export function Words({
  text,
  isShort = false,
}: {
  readonly text: AlertText;
  readonly isShort?: boolean;
}) {
  return (
    <p
      className={isShort ? "alert-words alert-words-short" : "alert-words"}
      lang={text.language}
      dir="auto"
    >
      {text.text}
    </p>
  );
}

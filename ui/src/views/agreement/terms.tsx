import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";

import type { LineTerms, Morning, TermLimits } from "../../api/terms-types";
import { Chip } from "../../components/chip";
import { useFormat } from "../../i18n/format";
import { languageName } from "../../i18n/languages";
import { changedTerms } from "../../state/agreement/terms";
import { ACCEPTED_WORDS, PROFILE_WORDS } from "../checks/words";
import { useDesk } from "../desk/context";
import { ALERT_LEVEL_WORDS, PRECEDENCE_WORDS } from "../watch/words";
import { TERM_WORDS } from "./words";

/** What both nodes act on: the terms in force. */
export function TermsInForce({ terms }: { readonly terms: LineTerms }) {
  const { t } = useLingui();
  return (
    <section className="card compared" aria-labelledby="terms-title" data-testid="terms">
      <h2 id="terms-title" className="desk-title">{t`What both nodes act on`}</h2>
      <p className="small soft">
        <Trans>
          Both have signed these terms, or nobody has proposed any and the usual ones hold. They are
          changed by a version that both sign.
        </Trans>
      </p>
      <TermsTable terms={terms} />
    </section>
  );
}

/** Terms that are proposed: only what would be different, beside what holds. */
export function ProposedTerms(props: { readonly terms: LineTerms; readonly before: LineTerms }) {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  const { terms, before } = props;
  const say = useTermWords();
  const changes = changedTerms(before, terms);
  if (changes.length === 0) {
    return (
      <p className="small soft">
        <Trans>Its terms are those in force.</Trans>
      </p>
    );
  }
  return (
    <div
      className="scroll"
      role="group"
      aria-label={t`Terms that would change`}
      // Wider than a phone: whoever has no mouse scrolls it with the arrow keys.
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
    >
      <table className="figures-table terms-table" data-testid="terms-changes">
        <caption>{t`Terms that would change`}</caption>
        <thead>
          <tr>
            <th scope="col">{t`Term`}</th>
            <th scope="col">{t`In force`}</th>
            <th scope="col">{t`Proposed`}</th>
          </tr>
        </thead>
        <tbody>
          {changes.map((name) => (
            <tr key={name}>
              <th scope="row">{termName(name, _)}</th>
              <td>
                <del>{say(name, before)}</del>
              </td>
              <td>
                <ins>{say(name, terms)}</ins>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Every term, limits in a table of their own. */
function TermsTable({ terms }: { readonly terms: LineTerms }) {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  const say = useTermWords();
  const duration = useDuration();
  const rest = Object.keys(TERM_WORDS);
  return (
    <>
      <div
        className="scroll"
        role="group"
        aria-label={t`Limits of alerts`}
        // Wider than a phone: whoever has no mouse scrolls it with the arrow keys.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
      >
        <table className="figures-table terms-table">
          <caption>{t`Limits of alerts`}</caption>
          <thead>
            <tr>
              <th scope="col">{t`Precedence`}</th>
              <th scope="col">{t`Acknowledged, aim`}</th>
              <th scope="col">{t`Acknowledged, limit`}</th>
              <th scope="col">{t`Answered after that`}</th>
            </tr>
          </thead>
          <tbody>
            {terms.limits.map((each) => (
              <tr key={each.precedence}>
                <th scope="row">{_(PRECEDENCE_WORDS[each.precedence])}</th>
                <td>{duration(each.target_s)}</td>
                <td>{duration(each.limit_s)}</td>
                <td>{duration(each.answer_s)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <dl className="pairs terms-pairs">
        {rest.map((name) => (
          <div key={name} className="pair">
            <dt>{termName(name, _)}</dt>
            <dd>{say(name, terms)}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

/** A chip with how many terms a version would change. */
export function TermsChip({ count }: { readonly count: number }) {
  const { t } = useLingui();
  const format = useFormat();
  const number = format.number(count);
  return count === 0 ? null : <Chip tone="fair">{t`Changes terms: ${number}`}</Chip>;
}

type Catalogue = ReturnType<typeof useCatalogue>["_"];

function termName(name: string, _: Catalogue): string {
  const [limits, precedence] = name.split(".");
  if (limits === "limits" && precedence !== undefined) {
    const word = PRECEDENCE_WORDS[precedence as TermLimits["precedence"]];
    return word === undefined ? precedence : _(word);
  }
  const words = TERM_WORDS[name];
  return words === undefined ? name : _(words);
}

/** Seconds as somebody says them: "30 min", "2 h", "1 min 30 s". */
export function useDuration(): (seconds: number) => string {
  const { t } = useLingui();
  const format = useFormat();
  return (seconds) => {
    const hours = format.number(Math.floor(seconds / 3_600));
    const minutes = format.number(Math.floor((seconds % 3_600) / 60));
    const rest = format.number(seconds % 60);
    const parts = [
      seconds >= 3_600 && t`${hours} h`,
      Math.floor((seconds % 3_600) / 60) > 0 && t`${minutes} min`,
      seconds % 60 > 0 && t`${rest} s`,
    ];
    return parts.filter((each) => each !== false).join(" ");
  };
}

/** A party's business mornings, in words: whose, on which days, when, where. */
function useMorningWords(): (morning: Morning) => string {
  const { t } = useLingui();
  const format = useFormat();
  const { self, lines } = useDesk();
  const parties = [self?.party, ...(lines ?? []).map((line) => line.party)];
  return ({ party, zone, days, at, holidays }) => {
    const name = parties.find((each) => each?.id === party)?.name ?? party;
    const week = days.map((day) => format.weekday(day)).join(", ");
    const off = holidays.join(", ");
    return holidays.length === 0
      ? t`${name}: ${week}, ${at}, ${zone}`
      : t`${name}: ${week}, ${at}, ${zone}; not on ${off}`;
  };
}

/** What a term says, in words. */
function useTermWords(): (name: string, terms: LineTerms) => string {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  const format = useFormat();
  const duration = useDuration();
  const hours = (value: number) => duration(value * 3_600);
  const levelWords: Readonly<Record<string, (typeof ALERT_LEVEL_WORDS)["watch"]>> =
    ALERT_LEVEL_WORDS;
  const mornings = useMorningWords();
  return (name, terms) => {
    if (name.startsWith("limits.")) {
      const found = terms.limits.find(({ precedence }) => name === `limits.${precedence}`);
      if (found === undefined) return "";
      const [target, limit, after] = [found.target_s, found.limit_s, found.answer_s].map(duration);
      return t`aim ${target}, limit ${limit}, answer ${after}`;
    }
    const says: Readonly<Record<string, () => string>> = {
      call_hours: () => hours(terms.call_hours),
      clarification_hours: () => hours(terms.clarification_hours),
      checks: () => _(PROFILE_WORDS[terms.checks] ?? PROFILE_WORDS["off"]!),
      civil_hours: () =>
        terms.civil_hours.map((each) => `${String(each).padStart(2, "0")}:00 UTC`).join(", "),
      levels: () =>
        terms.levels
          .map((each) => {
            const word = levelWords[each];
            return word === undefined ? each : _(word);
          })
          .join(", "),
      languages: () =>
        terms.languages.length === 0
          ? t`those of both parties`
          : terms.languages.map(languageName).join(", "),
      types: () =>
        terms.types.length === 0 ? t`each as it is agreed by itself` : terms.types.join(", "),
      suspended_alerts: () => _(ACCEPTED_WORDS[terms.suspended_alerts]),
      account_days: () => t`${format.number(terms.account_days)} d`,
      readout_hours: () => (terms.readout_hours === 0 ? t`none` : hours(terms.readout_hours)),
      code_minutes: () => duration(terms.code_minutes * 60),
      shares_escalation: () => (terms.shares_escalation ? t`yes` : t`no`),
      mornings: () =>
        terms.mornings.length === 0 ? t`no` : terms.mornings.map(mornings).join("; "),
      shares_acknowledgements: () => (terms.shares_acknowledgements ? t`yes` : t`no`),
    };
    return says[name]?.() ?? format.number(0);
  };
}

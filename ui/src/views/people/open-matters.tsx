import { useQuery } from "@tanstack/react-query";
import { useLingui as useCatalogue } from "@lingui/react";
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";

import { readHandover } from "../../api/people";
import { OPEN_KINDS, type OpenDue, type OpenKind, type OpenMatter } from "../../api/people-types";
import { Button } from "../../components/button";
import { Chip } from "../../components/chip";
import { ExerciseMark } from "../../components/exercise-mark";
import { Empty, Notice } from "../../components/notice";
import { countdown, leftOf } from "../../state/watch/alerts";
import { CALL_STATE_WORDS } from "../calls/words";
import { STAGE_WORDS } from "../crisis/words";
import { QUERY_WORDS } from "../notifications/words";
import { useFormat } from "../../i18n/format";
import { useDesk } from "../desk/context";
import { Problem } from "../problem";
import { useNodeNow } from "../watch/live";
import { DUTY_WORDS, LIMIT_WORDS, PRECEDENCE_WORDS } from "../watch/words";
import { OPEN_KIND_WORDS } from "./open-words";

type Words = Readonly<Record<string, MessageDescriptor>>;

const ASK_EVERY_MS = 5_000;

const DUE_WORDS: Words = {
  ...LIMIT_WORDS,
  call: msg`Answered`,
  call_begins: msg`Begins`,
  check_step: msg`Next step of the line check`,
  clarification: msg`Answer due`,
  reminder: msg`To be sent`,
  account: msg`Account sealed`,
};

/** Where a matter that is no alert stands: one word for each code, whichever kind has it. */
const STATE_WORDS: Words = {
  ...STAGE_WORDS,
  ...CALL_STATE_WORDS,
  ...QUERY_WORDS,
  open: msg`Open`,
};

/** What is open now, asked anew all the time: nobody takes what they have not been shown. */
export function useOpenMatters() {
  return useQuery({
    queryKey: ["handover"],
    queryFn: readHandover,
    refetchInterval: ASK_EVERY_MS,
    gcTime: 0,
    staleTime: 0,
  });
}

/** Everything that passes with a duty: what is open, by kind, with what is due by both clocks. */
export function OpenMatters({ read }: { readonly read: ReturnType<typeof useOpenMatters> }) {
  const { t } = useLingui();
  const { data, error } = read;
  if (data === undefined) {
    return error === null ? (
      <Empty icon="aside" title={t`Asking your node what is open`} isWaiting />
    ) : (
      <div data-testid="open-unknown">
        <Problem error={error} />
        <p>
          <Trans>What is open cannot be read; the duty is not taken unseen.</Trans>
        </p>
        <Button onPress={() => void read.refetch()}>{t`Try again`}</Button>
      </div>
    );
  }
  const { matters, untold } = data;
  return (
    <div className="open-matters" data-testid="open-matters">
      {error !== null && (
        <Notice tone="cut" icon="cut" title={t`Your node does not answer: this may be old.`} />
      )}
      {untold > 0 && <Notice tone="cut" icon="warning" title={t`Somebody could not be told`} />}
      {matters.length === 0 ? (
        <p data-testid="nothing-open">
          <Chip tone="good" icon="up">{t`Nothing is open`}</Chip>
        </p>
      ) : (
        OPEN_KINDS.map((kind) => (
          <Kind key={kind} kind={kind} matters={matters.filter((each) => each.kind === kind)} />
        ))
      )}
    </div>
  );
}

function Kind(props: { readonly kind: OpenKind; readonly matters: readonly OpenMatter[] }) {
  const { _ } = useCatalogue();
  const format = useFormat();
  const { kind, matters } = props;
  if (matters.length === 0) return null;
  return (
    <section aria-labelledby={`open-${kind}`} data-testid={`open-${kind}`}>
      <h3 id={`open-${kind}`}>
        {_(OPEN_KIND_WORDS[kind])} <span className="figures">{format.number(matters.length)}</span>
      </h3>
      <ul className="open-list">
        {matters.map((matter) => (
          <Matter key={`${matter.about}${matter.text}${matter.due[0]?.due_at}`} matter={matter} />
        ))}
      </ul>
    </section>
  );
}

function Matter({ matter }: { readonly matter: OpenMatter }) {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  const { precedence, duty, party, text } = matter;
  const urgency = (PRECEDENCE_WORDS as Words)[precedence ?? ""];
  const stands = duty === null ? STATE_WORDS[matter.state] : DUTY_WORDS[duty];
  return (
    <li className="open-matter">
      {matter.is_exercise && <ExerciseMark />}
      <p>
        {urgency !== undefined && <strong>{_(urgency)} </strong>}
        {party !== "" && <bdi>{party}</bdi>} <bdi className="soft">{text}</bdi>
      </p>
      <p className="small">
        <Chip tone={matter.is_ours ? "fair" : "unknown"}>
          {matter.is_ours ? t`To do here` : t`Waiting for the other party`}
        </Chip>{" "}
        {stands !== undefined && <span>{_(stands)}</span>}
        {matter.at !== null && <Clock at={matter.at} party={null} />}
        {matter.is_late && <Chip tone="poor" icon="warning">{t`Late`}</Chip>}
      </p>
      <ul className="open-dues">
        {matter.due.map((due) => (
          <Due key={due.limit + due.due_at} due={due} party={party} />
        ))}
      </ul>
    </li>
  );
}

function Due({ due, party }: { readonly due: OpenDue; readonly party: string }) {
  const { _ } = useCatalogue();
  const { isOver, seconds } = leftOf(due.due_at, useNodeNow());
  const figures = countdown(seconds);
  const words = DUE_WORDS[due.limit];
  return (
    <li className={isOver ? "open-due open-over" : "open-due"}>
      <span>{words === undefined ? due.limit : _(words)}</span>
      <strong className="figures" role="timer" aria-live="off">
        {isOver ? <Trans>OVERDUE by {figures}</Trans> : <Trans>{figures} left</Trans>}
      </strong>
      <span className="small">
        <Clock at={due.due_at} party={null} />
        {due.theirs_at !== null && <Clock at={due.theirs_at} party={party} />}
      </span>
    </li>
  );
}

/** An instant by our clock, or by that of the party that is named. */
function Clock({ at, party }: { readonly at: string; readonly party: string | null }) {
  const format = useFormat();
  const { self, lines } = useDesk();
  const theirs = lines?.find((line) => line.party.name === party)?.party.time_zone;
  const zone = (party === null ? self?.party.time_zone : theirs) ?? "UTC";
  return (
    <span className="by-clock">
      <bdi>
        <time className="figures" dateTime={at} title={format.instant(at, zone)}>
          {format.time(at, zone)}
        </time>
      </bdi>{" "}
      <span className="soft">
        {party === null ? <Trans>(our clock)</Trans> : <Trans>(clock of {party})</Trans>}
      </span>{" "}
    </span>
  );
}

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";

import {
  askAbout,
  beginDraft,
  clarify,
  endNotification,
  readNotification,
  readPaper,
} from "../../api/papers";
import { useCapacityWords } from "../capacity";
import type { Notification, NotificationQuery, NotificationType } from "../../api/paper-types";
import { Button } from "../../components/button";
import { Choice } from "../../components/choice";
import { Chip } from "../../components/chip";
import { ExerciseMark } from "../../components/exercise-mark";
import { Empty, Notice } from "../../components/notice";
import { keepFile } from "../../components/keep-file";
import { LANGUAGES } from "../../i18n/languages";
import { labelOf, languagesOf } from "../../state/papers/definition";
import { useDesk } from "../desk/context";
import { Problem } from "../problem";
import { BothTimes } from "../record/both-times";
import { FormShown } from "./form-shown";
import { NotificationState } from "./notifications-page";
import { PlaceSketch } from "./sketch";
import { useLinesOfRecord, usePartyName, useTypes } from "./use-papers";
import { BREACH_WORDS, QUERY_WORDS } from "./words";
import { WordsAct } from "./words-act";
import "../record/record.css";
import "./notifications.css";

const ASK_EVERY_MS = 3_000;
/** Types that have a form in CAP; the node refuses the others. */
const WITH_CAP: ReadonlySet<string> = new Set([
  "planned-activity",
  "launch-or-test",
  "hazardous-incident",
  "public-health-event",
  "border-closure",
]);
const OPEN: ReadonlySet<string> = new Set(["sent", "provided", "effective"]);

/** One notification as both sides hold it, with everything that was said about it. */
export function NotificationPage({ hash }: { readonly hash: string }) {
  const { t } = useLingui();
  const read = useQuery({
    queryKey: ["notification", hash],
    queryFn: async () => readNotification(hash),
    refetchInterval: ASK_EVERY_MS,
  });
  const types = useTypes();
  const found = read.data;
  const type = types.find((each) => each.hash === found?.type_hash && each.space === found.space);
  return (
    <main id="main" className="page">
      {read.isPending && (
        <Empty icon="aside" title={t`Asking your node for the notification`} isWaiting />
      )}
      <Problem error={read.error} />
      {found !== undefined && <Shown notification={found} type={type} />}
    </main>
  );
}

function Shown(props: {
  readonly notification: Notification;
  readonly type: NotificationType | undefined;
}) {
  const { t } = useLingui();
  const { i18n } = useCatalogue();
  const { notification, type } = props;
  const definition = type?.definition ?? {};
  const parties = useLinesOfRecord()
    .filter(({ id }) => id === notification.space)
    .flatMap(({ members }) => members.map((each) => each.id));
  const title = type === undefined ? notification.type_id : labelOf(definition, i18n.locale, "");
  return (
    <>
      <header className="page-head">
        <h1>{title}</h1>
        <p>
          <bdi>{notification.number}</bdi>
        </p>
        {notification.is_exercise && <ExerciseMark />}
        <NotificationState notification={notification} />
        <Link to="/notifications" className="button">
          <Trans>To the notifications</Trans>
        </Link>
      </header>
      <div className="page-parts">
        <div className="page-main">
          <Breaches notification={notification} />
          <section className="card" aria-label={t`What is notified`}>
            {notification.form === null ? (
              <Empty icon="cut" title={t`Its form cannot be read.`} />
            ) : (
              <FormShown
                form={notification.form}
                definition={definition}
                findings={notification.findings}
                parties={parties}
              />
            )}
          </section>
          <Queries notification={notification} parties={parties} />
        </div>
        <aside className="page-side" aria-label={t`Times and acts`}>
          <Times notification={notification} parties={parties} />
          <Acts notification={notification} type={type} />
          <Files notification={notification} type={type} />
          {notification.form !== null && <PlaceSketch form={notification.form} />}
        </aside>
      </div>
    </>
  );
}

function Breaches({ notification }: { readonly notification: Notification }) {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  const { breaches } = notification;
  if (breaches.length === 0) return null;
  return (
    <Notice tone="poor" icon="warning" title={t`Something does not hold`}>
      <ul>
        {breaches.map(([breach = "", hash = ""]) => {
          const words = BREACH_WORDS[breach];
          return (
            <li key={`${breach} ${hash}`}>
              {words === undefined ? breach : _(words)} <code>{hash.slice(0, 12)}</code>
            </li>
          );
        })}
      </ul>
    </Notice>
  );
}

function Times(props: {
  readonly notification: Notification;
  readonly parties: readonly string[];
}) {
  const { t } = useLingui();
  const { notification, parties } = props;
  const { late } = notification;
  const capacity = useCapacityWords();
  const rows: readonly (readonly [string, string | null])[] = [
    [t`Received: the legal time`, notification.provided_at],
    [t`Sent, by the author's clock`, notification.sent_at],
    [t`Due to be received by`, notification.due_at],
    [t`Takes effect`, notification.effective_at],
  ];
  return (
    <section className="card" aria-labelledby="times-title">
      <h2 id="times-title" className="desk-title">
        <Trans>Times and offices</Trans>
      </h2>
      <dl className="pairs">
        {rows.map(([name, at]) =>
          at === null ? null : (
            <div key={name} className="pair">
              <dt>{name}</dt>
              <dd>
                <BothTimes at={at} parties={parties} />
              </dd>
            </div>
          ),
        )}
        {late !== null && (
          <div className="pair">
            <dt>{t`Late by (hours:minutes)`}</dt>
            <dd data-testid="late">{late === "00:00" ? t`In time` : <bdi>{late}</bdi>}</dd>
          </div>
        )}
        <div className="pair">
          <dt>{t`Speaks as`}</dt>
          <dd data-testid="capacity">{capacity(notification.capacity)}</dd>
        </div>
        {notification.ended_as !== null && (
          <div className="pair">
            <dt>{t`Ended as`}</dt>
            <dd data-testid="ended-as">{capacity(notification.ended_as)}</dd>
          </div>
        )}
      </dl>
      {notification.provided_at === null && (
        <p className="small soft">
          <Trans>Nothing proves yet that it has arrived.</Trans>
        </p>
      )}
      {notification.words !== "" && (
        <p className="paper-words" dir="auto">
          {notification.words}
        </p>
      )}
      {notification.corrects !== null && (
        <Link to="/notifications/$hash" params={{ hash: notification.corrects }} className="button">
          <Trans>What it stands in the place of</Trans>
        </Link>
      )}
      {notification.state === "corrected" && notification.ended_by !== null && (
        <Link to="/notifications/$hash" params={{ hash: notification.ended_by }} className="button">
          <Trans>What stands in its place</Trans>
        </Link>
      )}
    </section>
  );
}

function Queries(props: {
  readonly notification: Notification;
  readonly parties: readonly string[];
}) {
  const { t } = useLingui();
  const { self } = useDesk();
  const { notification } = props;
  const isOurs = notification.author === self?.party.id;
  const may = (act: string) => self?.may.includes(act) ?? false;
  const mayAsk = !isOurs && may("notification.query");
  if (notification.queries.length === 0 && !mayAsk) return null;
  return (
    <section className="card" aria-labelledby="queries-title">
      <h2 id="queries-title" className="desk-title">
        <Trans>Questions</Trans>
      </h2>
      <ul className="paper-queries">
        {notification.queries.map((query) => (
          <li key={query.hash}>
            <QueryShown query={query} {...props} />
            {isOurs && may("notification.clarify") && (
              <WordsAct
                label={t`Answer`}
                does={t`Answer with the passkey`}
                testId="clarify"
                act={async (words) => clarify(notification.hash, query.hash, words)}
                changes={["notification", notification.hash]}
              />
            )}
          </li>
        ))}
      </ul>
      {mayAsk && (
        <WordsAct
          label={t`Question about this notification`}
          does={t`Ask`}
          testId="query"
          act={async (words) => askAbout(notification.hash, words)}
          changes={["notification", notification.hash]}
        />
      )}
    </section>
  );
}

function QueryShown(props: {
  readonly query: NotificationQuery;
  readonly notification: Notification;
  readonly parties: readonly string[];
}) {
  const { _ } = useCatalogue();
  const { query, parties } = props;
  const capacity = useCapacityWords();
  const words = QUERY_WORDS[query.state];
  const tone = query.state === "clarified" ? "good" : query.state === "overdue" ? "poor" : "fair";
  return (
    <>
      <p className="paper-words" dir="auto">
        {query.words}
      </p>
      <p className="small">
        ({capacity(query.capacity)}){" "}
        <Chip tone={tone}>{words === undefined ? query.state : _(words)}</Chip>{" "}
        <Trans>Answer due</Trans> <BothTimes at={query.due_at} parties={parties} />
      </p>
      {query.answers.map((each) => (
        <blockquote key={`${each.at} ${each.words}`} dir="auto">
          {each.words}
          <footer className="small soft">
            ({capacity(each.capacity)}) <BothTimes at={each.at} parties={parties} />
          </footer>
        </blockquote>
      ))}
    </>
  );
}

function Acts(props: {
  readonly notification: Notification;
  readonly type: NotificationType | undefined;
}) {
  const { t } = useLingui();
  const { self } = useDesk();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const { notification, type } = props;
  const { hash, space, type_hash, form, state } = notification;
  const correct = useMutation({
    mutationFn: async () => beginDraft({ space, type_hash, form: form ?? {}, corrects: hash }),
    onSuccess: async (draft) => {
      await queries.invalidateQueries({ queryKey: ["notification-drafts"] });
      await navigate({ to: "/notifications/drafts/$id", params: { id: draft.id } });
    },
  });
  const may = (act: string) => self?.may.includes(act) ?? false;
  if (notification.author !== self?.party.id || !OPEN.has(state)) return null;
  return (
    <section className="card paper-acts" aria-label={t`What can be done`}>
      {may("notification.draft") && type !== undefined && (
        <Button
          icon="settings"
          data-testid="correct"
          isDisabled={correct.isPending}
          onPress={() => correct.mutate()}
        >
          {t`Correct it by another`}
        </Button>
      )}
      <Problem error={correct.error} />
      {may("notification.cancel") && (
        <WordsAct
          label={t`Why it is cancelled`}
          does={t`Cancel it with the passkey`}
          testId="cancel"
          isFolded
          mayBeEmpty
          act={async (words) => endNotification(hash, "cancel", words)}
          changes={["notification", hash]}
        />
      )}
      {may("notification.close") && state !== "sent" && (
        <WordsAct
          label={t`How it ended`}
          does={t`Close it with the passkey`}
          testId="close"
          isFolded
          mayBeEmpty
          act={async (words) => endNotification(hash, "close", words)}
          changes={["notification", hash]}
        />
      )}
    </section>
  );
}

/** The notification on paper and for programs, in each language of its type. */
function Files(props: {
  readonly notification: Notification;
  readonly type: NotificationType | undefined;
}) {
  const { t } = useLingui();
  const { i18n } = useCatalogue();
  const nameOf = usePartyName();
  const { notification, type } = props;
  const languages = type === undefined ? [] : languagesOf(type.definition);
  const [chosen, setChosen] = useState<string | null>(null);
  const language =
    chosen ?? (languages.includes(i18n.locale) ? i18n.locale : (languages[0] ?? "en"));
  const make = useMutation({
    mutationFn: async (kind: "paper" | "cap") => {
      const file = await readPaper(notification.hash, kind, language);
      keepFile(file, `${notification.number}-${language}.${kind === "paper" ? "pdf" : "xml"}`);
    },
  });
  if (languages.length === 0) return null;
  const author = nameOf(notification.author);
  return (
    <section className="card paper-acts" aria-labelledby="files-title">
      <h2 id="files-title" className="desk-title">
        <Trans>On paper</Trans>
      </h2>
      <Choice
        label={t`Language of the paper`}
        value={language}
        options={languages.map((id) => {
          const known = LANGUAGES.find((each) => each.id === id);
          return known === undefined
            ? { id, label: id }
            : { id, label: known.name, lang: known.tag };
        })}
        onChange={setChosen}
      />
      <Button
        icon="screen"
        data-testid="paper"
        isDisabled={make.isPending}
        onPress={() => make.mutate("paper")}
      >
        {t`PDF, signed`}
      </Button>
      {WITH_CAP.has(notification.type_id) && (
        <Button data-testid="cap" isDisabled={make.isPending} onPress={() => make.mutate("cap")}>
          {t`CAP 1.2, for programs`}
        </Button>
      )}
      <Problem error={make.error} />
      <p className="small soft">
        <Trans>
          PDF/A with the proofs of the record attached, signed by your party's node. What {author}{" "}
          wrote stands as it was written.
        </Trans>
      </p>
    </section>
  );
}

import { Link, useNavigate } from "@tanstack/react-router";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";

import type { Alert } from "../../api/alert-types";
import { Button } from "../../components/button";
import { ExerciseMark } from "../../components/exercise-mark";
import type { IconName } from "../../components/icon";
import { Empty, Notice } from "../../components/notice";
import { type AlertAct, actsOn } from "../../state/watch/alerts";
import { Contact } from "../desk/contact";
import { languageName } from "../../i18n/languages";
import { useDesk } from "../desk/context";
import { AcknowledgeSheet } from "./acknowledge-sheet";
import { AlertProofs } from "./alert-proofs";
import { AnswerSheet } from "./answer-sheet";
import { CloseSheet, WithdrawSheet } from "./end-sheets";
import { Dues } from "./dues";
import { HelpSheet } from "./help-sheet";
import { useWatchKeys } from "./keys";
import { useAlert } from "./live";
import { PrecedenceMark, StandingMarks, Words } from "./marks";
import { JudgeSheet, ParaphraseSheet } from "./paraphrase-sheets";
import { Paraphrases } from "./paraphrases";
import { Sentence } from "./sentence";
import { TranslateSheet } from "./translate-sheet";
import "./watch.css";

/** One alert: its words, what is proved of it, and what may be done. */
export function AlertPage({ hash }: { readonly hash: string }) {
  const { t } = useLingui();
  const { data, isError } = useAlert(hash);
  return (
    <main id="main" className="page alert-page">
      <p>
        <Link to="/watch" className="button button-quiet">
          <Trans>Back to the watch</Trans>
        </Link>
      </p>
      <Contact />
      {data !== undefined && <OneAlert alert={data} />}
      {data === undefined && isError && (
        <>
          <h1 className="unseen">{t`Alert`}</h1>
          <Empty icon="cut" title={t`There is no such alert here.`} />
        </>
      )}
      {data === undefined && !isError && (
        <>
          <h1 className="unseen">{t`Alert`}</h1>
          <Empty icon="aside" title={t`Asking your node for the alert`} isWaiting />
        </>
      )}
    </main>
  );
}

type Shown = AlertAct | "help" | null;

function OneAlert({ alert }: { readonly alert: Alert }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const { self } = useDesk();
  const [shown, setShown] = useState<Shown>(null);
  const acts = actsOn(alert, self?.may ?? []);
  useWatchKeys({
    onHelp: () => setShown("help"),
    ...(acts.includes("acknowledge") ? { onAcknowledge: () => setShown("acknowledge") } : {}),
    ...(acts.includes("answer")
      ? { onAnswer: () => setShown("answer") }
      : acts.includes("hold")
        ? { onAnswer: () => setShown("hold") }
        : {}),
    ...(acts.includes("translate") ? { onTranslate: () => setShown("translate") } : {}),
    ...(acts.includes("close") ? { onClose: () => setShown("close") } : {}),
  });
  const press = (act: AlertAct) => {
    if (act === "supersede") {
      void navigate({ to: "/watch/write", search: { supersedes: alert.hash } });
    } else setShown(act);
  };
  const close = () => setShown(null);
  const { party } = alert;
  return (
    <>
      <article
        className={`card alert-item alert-${alert.precedence}`}
        data-testid="one-alert"
        data-state={alert.state}
        data-standing={alert.standing}
      >
        {alert.is_exercise && <ExerciseMark />}
        <h1 className="alert-head alert-title">
          <PrecedenceMark precedence={alert.precedence} />
          {alert.is_ours ? t`To ${party}` : t`From ${party}`}
          <StandingMarks alert={alert} />
        </h1>
        <Sentence alert={alert} />
        <Acts acts={acts} alert={alert} onPress={press} />
        <Replaced alert={alert} />
        <Texts alert={alert} />
        <Dues alert={alert} />
      </article>
      <AlertProofs alert={alert} />
      {shown === "acknowledge" && <AcknowledgeSheet alert={alert} onClose={close} />}
      {(shown === "answer" || shown === "hold") && (
        <AnswerSheet alert={alert} mayAnswer={acts.includes("answer")} onClose={close} />
      )}
      {shown === "translate" && <TranslateSheet alert={alert} onClose={close} />}
      {shown === "paraphrase" && <ParaphraseSheet alert={alert} onClose={close} />}
      {shown === "judge" && <JudgeSheet alert={alert} onClose={close} />}
      {shown === "withdraw" && <WithdrawSheet alert={alert} onClose={close} />}
      {shown === "close" && <CloseSheet alert={alert} onClose={close} />}
      <HelpSheet isOpen={shown === "help"} onClose={close} />
    </>
  );
}

/** Its words, in whichever languages either side put them into, and how they were understood. */
function Texts({ alert }: { readonly alert: Alert }) {
  const { party } = alert;
  return (
    <div className="alert-texts">
      {alert.texts.map((text, index) => (
        <section key={text.language} aria-label={languageName(text.language)}>
          <h2 className="small soft">
            {index === 0 ? <Trans>As it was written</Trans> : <Trans>Their translation</Trans>}
            {" · "}
            <bdi>{languageName(text.language)}</bdi>
          </h2>
          <Words text={text} />
        </section>
      ))}
      {alert.translations.map((each) => (
        <section key={`${each.party} ${each.language}`} aria-label={languageName(each.language)}>
          <h2 className="small soft">
            {each.party === alert.party_id ? (
              <Trans>Translated by {party}</Trans>
            ) : (
              <Trans>Translated by us</Trans>
            )}
            {" · "}
            <bdi>{languageName(each.language)}</bdi>
          </h2>
          {each.text === null ? (
            <p className="soft">
              <Trans>Understood as it was written.</Trans>
            </p>
          ) : (
            <Words text={{ language: each.language, text: each.text }} />
          )}
        </section>
      ))}
      <Paraphrases alert={alert} />
    </div>
  );
}

function Acts(props: {
  readonly acts: readonly AlertAct[];
  readonly alert: Alert;
  readonly onPress: (act: AlertAct) => void;
}) {
  const { t } = useLingui();
  const words: Readonly<
    Record<AlertAct, readonly [string, IconName, "primary" | "plain" | "danger"]>
  > = {
    acknowledge: [t`Acknowledge`, "up", "primary"],
    answer: [t`Answer`, "next", "primary"],
    hold: [t`Still deciding, or not our matter`, "turning", "plain"],
    translate: [t`Translate`, "language", "plain"],
    paraphrase: [t`Say how we understood it`, "language", "plain"],
    judge: [t`Our word on how it was understood`, "language", "primary"],
    supersede: [t`Replace`, "turning", "plain"],
    withdraw: [t`Withdraw`, "close", "danger"],
    close: [t`Close the alert`, "up", "plain"],
  };
  // Whoever may give any answer finds "still deciding" among them.
  const shown = props.acts.filter((act) => act !== "hold" || !props.acts.includes("answer"));
  const isWaitingForRelease =
    props.alert.saying.duty === "our_answer" && !props.acts.includes("answer");
  return (
    <div className="alert-acts">
      {shown.map((act) => {
        const [word, icon, weight] = words[act];
        return (
          <Button
            key={act}
            icon={icon}
            weight={weight}
            data-testid={`act-${act}`}
            onPress={() => props.onPress(act)}
          >
            {word}
          </Button>
        );
      })}
      {isWaitingForRelease && (
        <span className="small soft">
          <Trans>Any other answer is a releaser's.</Trans>
        </span>
      )}
    </div>
  );
}

/** The chain of alerts that took each other's place, and why one was taken back. */
function Replaced({ alert }: { readonly alert: Alert }) {
  const { t } = useLingui();
  return (
    <>
      {alert.superseded_by !== null && (
        <Notice tone="fair" icon="warning" title={t`Another alert takes its place.`}>
          <p>
            <Link to="/watch/alerts/$alert" params={{ alert: alert.superseded_by }}>
              <Trans>To the newer one</Trans>
            </Link>
          </p>
        </Notice>
      )}
      {alert.supersedes !== null && (
        <p className="small">
          <Link to="/watch/alerts/$alert" params={{ alert: alert.supersedes }}>
            <Trans>It takes the place of an older one</Trans>
          </Link>
        </p>
      )}
      {alert.standing === "withdrawn" && (
        <Notice tone="fair" icon="warning" title={t`Its author has taken it back.`}>
          {alert.withdrawn_words !== null && <p dir="auto">{alert.withdrawn_words}</p>}
        </Notice>
      )}
    </>
  );
}

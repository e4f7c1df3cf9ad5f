import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";

import { discardDraft, keepDraft, verifyDraft } from "../../api/alerts";
import type { AlertDraft } from "../../api/alert-types";
import { Button } from "../../components/button";
import { ExerciseMark } from "../../components/exercise-mark";
import { Empty, Notice } from "../../components/notice";
import { Question } from "../../components/question";
import { actsOnDraft, toKeep, wordsOf } from "../../state/watch/draft";
import { Contact } from "../desk/contact";
import { languageName } from "../../i18n/languages";
import { useDesk } from "../desk/context";
import { useBinding } from "../step-up";
import { AlertProblem } from "./alert-problem";
import { DraftFacts } from "./draft-facts";
import { DraftState, usePartyNames } from "./draft-list";
import { useDrafts } from "./live";
import { PrecedenceMark, Words } from "./marks";
import { ReleaseSheet } from "./release-sheet";
import { ChangeDraft } from "./write-page";
import "./watch.css";

/** A draft exactly as it would be signed: read by the second person, released by the releaser. */
export function DraftPage({ id }: { readonly id: string }) {
  const { t } = useLingui();
  const { data, isError } = useDrafts();
  const [gone, setGone] = useState<AlertDraft | null>(null);
  const draft = data?.find((each) => each.id === id);
  return (
    <main id="main" className="page alert-page">
      <p>
        <Link to="/watch" className="button button-quiet">
          <Trans>Back to the watch</Trans>
        </Link>
      </p>
      <Contact />
      {draft !== undefined && gone === null && <OneDraft draft={draft} onDiscarded={setGone} />}
      {gone !== null && <Discarded draft={gone} />}
      {draft === undefined && gone === null && (
        <>
          <h1 className="unseen">{t`Draft`}</h1>
          {data === undefined && !isError ? (
            <Empty icon="aside" title={t`Asking your node for the draft`} isWaiting />
          ) : (
            <Empty icon="up" title={t`This draft is released or thrown away.`} />
          )}
        </>
      )}
    </main>
  );
}

function OneDraft(props: {
  readonly draft: AlertDraft;
  readonly onDiscarded: (draft: AlertDraft) => void;
}) {
  const { draft } = props;
  const { self } = useDesk();
  const [shown, setShown] = useState<"change" | "discard" | "release" | null>(null);
  const acts = actsOnDraft(draft, self?.person.id ?? "", self?.may ?? []);
  const names = usePartyNames(draft.recipients);
  const close = () => setShown(null);
  if (shown === "change") {
    return (
      <>
        <h1>
          <Trans>Change the draft</Trans>
        </h1>
        <ChangeDraft draft={draft} onDone={close} />
      </>
    );
  }
  return (
    <>
      <article
        className={draft.is_exercise ? "card alert-item is-exercise" : "card alert-item"}
        data-testid="one-draft"
        data-state={draft.state}
      >
        {draft.is_exercise && <ExerciseMark />}
        <h1 className="alert-head alert-title">
          <PrecedenceMark precedence={draft.precedence} />
          <Trans>To {names}</Trans>
          <DraftState draft={draft} />
        </h1>
        <div className="alert-texts">
          {draft.texts.map((text, index) => (
            <section key={text.language} aria-label={languageName(text.language)}>
              <h2 className="small soft">
                {index === 0 ? <Trans>As it was written</Trans> : <Trans>Translation</Trans>}
                {" · "}
                <bdi>{languageName(text.language)}</bdi>
              </h2>
              <Words text={text} />
            </section>
          ))}
        </div>
        <DraftFacts draft={draft} />
        <DraftActions
          draft={draft}
          acts={acts}
          onChange={() => setShown("change")}
          onDiscard={() => setShown("discard")}
          onRelease={() => setShown("release")}
        />
      </article>
      {shown === "discard" && (
        <Discard draft={draft} onClose={close} onDone={() => props.onDiscarded(draft)} />
      )}
      {shown === "release" && <ReleaseSheet draft={draft} onClose={close} />}
    </>
  );
}

function DraftActions(props: {
  readonly draft: AlertDraft;
  readonly acts: ReturnType<typeof actsOnDraft>;
  readonly onChange: () => void;
  readonly onDiscard: () => void;
  readonly onRelease: () => void;
}) {
  const { draft, acts } = props;
  const { t } = useLingui();
  const queries = useQueryClient();
  const { self } = useDesk();
  const verify = useBinding<string>(verifyDraft, () => {
    void queries.invalidateQueries({ queryKey: ["alerts"] });
  });
  const isMine = draft.drafter === self?.person.id;
  return (
    <>
      <AlertProblem error={verify.error} />
      {verify.sheet}
      {isMine && draft.state === "draft" && (
        <Notice
          tone="noted"
          icon="people"
          title={t`Now a second person reads it at their own desk, under "Drafts", and verifies it.`}
        />
      )}
      <div className="alert-acts">
        {acts.verify && (
          <Button
            icon="up"
            weight="primary"
            data-testid="verify-draft"
            isDisabled={verify.isPending}
            onPress={() => verify.run(draft.id)}
          >
            {t`I have read it and vouch for it`}
          </Button>
        )}
        {acts.release && (
          <Button
            icon="next"
            weight="primary"
            data-testid="release-draft"
            onPress={props.onRelease}
          >
            {t`Release`}
          </Button>
        )}
        {acts.change && <Button onPress={props.onChange}>{t`Change`}</Button>}
        {acts.discard && (
          <Button weight="quiet" icon="close" onPress={props.onDiscard}>{t`Throw away`}</Button>
        )}
      </div>
    </>
  );
}

function Discard(props: {
  readonly draft: AlertDraft;
  readonly onClose: () => void;
  readonly onDone: () => void;
}) {
  const { t } = useLingui();
  const discard = useBinding<string>(discardDraft, props.onDone);
  return (
    <>
      <Question
        title={t`Throw the draft away?`}
        no={t`Keep it`}
        yes={t`Throw it away`}
        isDangerous
        isPending={discard.isPending}
        onNo={props.onClose}
        onYes={() => discard.run(props.draft.id)}
      >
        <p>
          <Trans>Nobody outside your party has seen it.</Trans>
        </p>
        <AlertProblem error={discard.error} />
      </Question>
      {discard.sheet}
    </>
  );
}

/** Thrown away, and how to have it back: as a new draft of whoever asks for it. */
function Discarded({ draft }: { readonly draft: AlertDraft }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const again = useMutation({
    mutationFn: async () => keepDraft(null, toKeep(wordsOf(draft))),
    onSuccess: async (kept) => navigate({ to: "/watch/drafts/$draft", params: { draft: kept.id } }),
  });
  return (
    <>
      <h1>
        <Trans>The draft is thrown away</Trans>
      </h1>
      <AlertProblem error={again.error} />
      <p>
        <Button icon="turning" data-testid="undo-discard" onPress={() => again.mutate()}>
          {t`Have it back as a new draft`}
        </Button>
      </p>
    </>
  );
}

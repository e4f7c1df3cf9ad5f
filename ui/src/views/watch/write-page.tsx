import { Link, useNavigate } from "@tanstack/react-router";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";

import { keepDraft } from "../../api/alerts";
import type { AlertDraft, DraftWords } from "../../api/alert-types";
import { Button } from "../../components/button";
import { ExerciseMark } from "../../components/exercise-mark";
import { Notice } from "../../components/notice";
import { placeOfDraft } from "../../state/drawer";
import { emptyDraft, lacks, toKeep, wordsOf } from "../../state/watch/draft";
import { Contact } from "../desk/contact";
import { useDesk } from "../desk/context";
import { useBinding } from "../step-up";
import { AlertProblem } from "./alert-problem";
import { DraftFields } from "./draft-fields";
import { LACK_WORDS } from "./words";
import { useLingui as useCatalogue } from "@lingui/react";
import "./watch.css";

/** An alert is written: here it is nobody else's business yet. */
export function WritePage({ supersedes }: { readonly supersedes: string | null }) {
  const { self } = useDesk();
  return (
    <main id="main" className="page alert-page">
      <p>
        <Link to="/watch" className="button button-quiet">
          <Trans>Back to the watch</Trans>
        </Link>
      </p>
      <Contact />
      <h1>
        {supersedes === null ? (
          <Trans>Write an alert</Trans>
        ) : (
          <Trans>Write an alert that takes the place of another</Trans>
        )}
      </h1>
      {self !== null && (
        <DraftForm
          id={null}
          begin={emptyDraft(self.party.languages[0] ?? self.person.language, supersedes)}
        />
      )}
    </main>
  );
}

/** The words of a draft, changed. */
export function ChangeDraft(props: { readonly draft: AlertDraft; readonly onDone: () => void }) {
  return <DraftForm id={props.draft.id} begin={wordsOf(props.draft)} onDone={props.onDone} />;
}

function DraftForm(props: {
  readonly id: string | null;
  readonly begin: DraftWords;
  readonly onDone?: () => void;
}) {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  const navigate = useNavigate();
  const key = placeOfDraft(props.id ?? "new");
  const [words, setWords] = useState<DraftWords>(() => unsaved(key) ?? props.begin);
  const [wasTried, setTried] = useState(false);
  const change = (changed: DraftWords) => {
    setWords(changed);
    // A page that is loaded anew by accident has lost nothing.
    sessionStorage.setItem(key, JSON.stringify(changed));
  };
  const leave = () => {
    sessionStorage.removeItem(key);
    props.onDone?.();
  };
  const keep = useBinding<DraftWords>(
    async (said) => {
      const kept = await keepDraft(props.id, toKeep(said));
      leave();
      await navigate({ to: "/watch/drafts/$draft", params: { draft: kept.id } });
    },
    () => undefined,
  );
  const missing = lacks(words);
  return (
    <form
      className={words.is_exercise ? "card draft-form is-exercise" : "card draft-form"}
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (missing.length === 0) keep.run(words);
      }}
    >
      {words.is_exercise && <ExerciseMark />}
      <DraftFields words={words} onChange={change} />
      {wasTried &&
        missing.map((lack) => (
          <Notice key={lack} tone="fair" icon="warning" title={_(LACK_WORDS[lack])} />
        ))}
      <AlertProblem error={keep.error} />
      {keep.sheet}
      <div className="sheet-acts">
        <Button
          onPress={() => {
            leave();
            if (props.onDone === undefined) void navigate({ to: "/watch" });
          }}
        >
          {t`Not now`}
        </Button>
        <Button
          type="submit"
          weight="primary"
          icon="next"
          data-testid="keep-draft"
          isDisabled={keep.isPending}
        >
          {t`Keep the draft`}
        </Button>
      </div>
    </form>
  );
}

function unsaved(key: string): DraftWords | null {
  const kept = sessionStorage.getItem(key);
  return kept === null ? null : (JSON.parse(kept) as DraftWords);
}

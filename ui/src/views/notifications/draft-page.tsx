import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useRef, useState } from "react";

import { changeDraft, checkDraft, discardDraft, sendDraft, verifyDraft } from "../../api/papers";
import type { JsonMap, NotificationDraft, NotificationType } from "../../api/paper-types";
import { Button } from "../../components/button";
import { Chip } from "../../components/chip";
import { ExerciseMark } from "../../components/exercise-mark";
import { Empty, Notice } from "../../components/notice";
import { useNow } from "../../components/now";
import { Question } from "../../components/question";
import { dueAt, labelOf, lateText, objectOf } from "../../state/papers/definition";
import { fieldsOf, type Filled, filledOf, formOf } from "../../state/papers/fields";
import { useDesk } from "../desk/context";
import { Problem } from "../problem";
import { BothTimes } from "../record/both-times";
import { useBinding } from "../step-up";
import { Faults, Fields } from "./field";
import { FormShown } from "./form-shown";
import { PlaceSketch } from "./sketch";
import { useDrafts, useLinesOfRecord, useTypes } from "./use-papers";
import { STATE_TONES, STATE_WORDS } from "./words";
import "../record/record.css";
import "./notifications.css";

/** One draft: filled in, checked, verified by a second person, sent. */
export function DraftPage({ id }: { readonly id: string }) {
  const { t } = useLingui();
  const read = useDrafts();
  const types = useTypes();
  const draft = read.data?.find((each) => each.id === id);
  const type = types.find((each) => each.hash === draft?.type_hash && each.space === draft.space);
  return (
    <main id="main" className="page">
      {read.isPending && <Empty icon="aside" title={t`Asking your node for the draft`} isWaiting />}
      <Problem error={read.error} />
      {read.isSuccess && draft === undefined && (
        <div className="card">
          <Empty icon="aside" title={t`No such draft any more`}>
            <Link to="/notifications" className="button">
              <Trans>To the notifications</Trans>
            </Link>
          </Empty>
        </div>
      )}
      {draft !== undefined && type !== undefined && (
        <Draft key={draft.id} draft={draft} type={type} />
      )}
    </main>
  );
}

function Draft(props: { readonly draft: NotificationDraft; readonly type: NotificationType }) {
  const { t } = useLingui();
  const { i18n, _ } = useCatalogue();
  const { draft, type } = props;
  const { self } = useDesk();
  const parties = useLinesOfRecord()
    .filter(({ id }) => id === draft.space)
    .flatMap(({ members }) => members.map((each) => each.id));
  const [filled, setFilled] = useState<Filled>(() => filledOf(draft.form));
  const schema = objectOf(type.definition["schema"]);
  const form = formOf(schema, filled);
  const isChanged = JSON.stringify(form) !== JSON.stringify(inOrder(schema, draft.form));
  const [isOpened, setOpened] = useState(draft.state === "draft");
  const words = STATE_WORDS[draft.state];
  const frame = {
    definition: type.definition,
    language: i18n.locale,
    filled,
    findings: draft.findings,
    zone: self?.party.time_zone ?? "UTC",
    parties,
    isLocked: false,
    onChange: setFilled,
  };
  return (
    <>
      <header className="page-head">
        <h1>{labelOf(type.definition, i18n.locale, "")}</h1>
        <Chip tone={STATE_TONES[draft.state] ?? "unknown"}>
          {words === undefined ? draft.state : _(words)}
        </Chip>
        {draft.is_exercise && <ExerciseMark />}
        <Link to="/notifications" className="button">
          <Trans>To the notifications</Trans>
        </Link>
      </header>
      <div className="page-parts">
        <div className="page-main">
          {isOpened ? (
            <form
              className="card paper-form"
              aria-label={labelOf(type.definition, i18n.locale, "")}
              onSubmit={(event) => event.preventDefault()}
            >
              <Faults pointer="" frame={draft} />
              <Fields fields={fieldsOf(schema, filled)} frame={frame} />
            </form>
          ) : (
            <section className="card" aria-label={t`What is notified`}>
              <FormShown
                form={draft.form}
                definition={type.definition}
                findings={draft.findings}
                parties={parties}
              />
              <div>
                <Button icon="settings" data-testid="reopen" onPress={() => setOpened(true)}>
                  {t`Change it`}
                </Button>
              </div>
            </section>
          )}
        </div>
        <aside className="page-side" aria-label={t`What is next`}>
          <Lead definition={type.definition} form={form} parties={parties} />
          <Acts
            draft={draft}
            form={form}
            isChanged={isChanged}
            onChecked={() => setOpened(false)}
          />
          <PlaceSketch form={form} />
        </aside>
      </div>
    </>
  );
}

/** The form in the order of its schema, so that two of the same are the same text. */
function inOrder(schema: JsonMap, form: JsonMap): JsonMap {
  return formOf(schema, filledOf(form));
}

/** What the rule would say of it if it arrived this second, as both nodes will work it out. */
function Lead(props: {
  readonly definition: JsonMap;
  readonly form: JsonMap;
  readonly parties: readonly string[];
}) {
  const { t } = useLingui();
  const { clock_offset_ms } = useDesk();
  const now = useNow() + clock_offset_ms;
  const due = dueAt(props.definition, props.form);
  if (due === null) return null;
  const late = now > due;
  const by = lateText(Math.abs(now - due));
  return (
    <Notice
      tone={late ? "poor" : "good"}
      icon={late ? "warning" : "up"}
      title={late ? t`Arrives ${by} late by the rule` : t`In time: ${by} left by the rule`}
    >
      <p className="small" data-testid="lead" data-late={late}>
        <Trans>Due to be received by</Trans>{" "}
        <BothTimes at={new Date(due).toISOString()} parties={props.parties} />
      </p>
      {late && (
        <p className="small">
          <Trans>It can be sent all the same; the lateness is shown to both.</Trans>
        </p>
      )}
    </Notice>
  );
}

function Acts(props: {
  readonly draft: NotificationDraft;
  readonly form: JsonMap;
  readonly isChanged: boolean;
  readonly onChecked: () => void;
}) {
  const { t } = useLingui();
  const { draft, form, isChanged } = props;
  const queries = useQueryClient();
  const again = async () => queries.invalidateQueries({ queryKey: ["notification-drafts"] });
  const check = useMutation({
    mutationFn: async () => {
      if (isChanged) await changeDraft(draft.id, form);
      return checkDraft(draft.id);
    },
    onSuccess: async (checked) => {
      await again();
      if (checked.state === "checked") props.onChecked();
      else focusFirstFault();
    },
  });
  useLeaving(isChanged);
  const isStale = isChanged || draft.state === "draft";
  return (
    <section className="card paper-acts" aria-label={t`What is next`}>
      <Problem error={check.error} />
      {isStale && (
        <Button
          weight="primary"
          data-testid="check"
          isDisabled={check.isPending}
          onPress={() => check.mutate()}
        >
          {t`Keep and check`}
        </Button>
      )}
      {!isStale && draft.state === "checked" && <Verify draft={draft} onDone={again} />}
      {!isStale && draft.state === "verified" && <Send draft={draft} />}
      <Discard draft={draft} onDone={again} />
    </section>
  );
}

/** A second person vouches for it; whoever drafted it is told to find one. */
function Verify(props: {
  readonly draft: NotificationDraft;
  readonly onDone: () => Promise<void>;
}) {
  const { t } = useLingui();
  const { self } = useDesk();
  const verify = useBinding(
    async () => verifyDraft(props.draft.id),
    () => void props.onDone(),
  );
  if (props.draft.drafter === self?.person.id) {
    return (
      <Notice tone="noted" icon="people" title={t`Waits for a second person`}>
        <p className="small">
          <Trans>Whoever drafted it cannot verify it. Ask a colleague to open this page.</Trans>
        </p>
      </Notice>
    );
  }
  if (!(self?.may.includes("notification.verify") ?? false)) return null;
  return (
    <>
      <Problem error={verify.error} />
      <Button
        weight="primary"
        icon="people"
        data-testid="verify"
        isDisabled={verify.isPending}
        onPress={() => verify.run(undefined)}
      >
        {t`I have read it: verify`}
      </Button>
      {verify.sheet}
    </>
  );
}

function Send({ draft }: { readonly draft: NotificationDraft }) {
  const { t } = useLingui();
  const { self } = useDesk();
  const navigate = useNavigate();
  const [isAsking, setAsking] = useState(false);
  const sent = useRef("");
  const send = useBinding(
    async () => {
      sent.current = (await sendDraft(draft.id)).hash;
    },
    () => void navigate({ to: "/notifications/$hash", params: { hash: sent.current } }),
  );
  if (!(self?.may.includes("notification.send") ?? false)) return null;
  return (
    <>
      <Problem error={send.error} />
      <Button
        weight="primary"
        icon="next"
        data-testid="send"
        isDisabled={send.isPending}
        onPress={() => setAsking(true)}
      >
        {t`Send`}
      </Button>
      {isAsking && (
        <Question
          title={t`Send it to the other party?`}
          no={t`Not now`}
          yes={t`Send it with the passkey`}
          isPending={send.isPending}
          onNo={() => setAsking(false)}
          onYes={() => {
            setAsking(false);
            send.run(undefined);
          }}
        >
          <p>
            <Trans>
              It gets the next number and stands in the record of both sides for good. It can be
              corrected or cancelled, not taken back.
            </Trans>
          </p>
        </Question>
      )}
      {send.sheet}
    </>
  );
}

function Discard(props: {
  readonly draft: NotificationDraft;
  readonly onDone: () => Promise<void>;
}) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const [isAsking, setAsking] = useState(false);
  const discard = useMutation({
    mutationFn: async () => discardDraft(props.draft.id),
    onSuccess: async () => {
      await props.onDone();
      await navigate({ to: "/notifications" });
    },
  });
  return (
    <>
      <Problem error={discard.error} />
      <Button weight="quiet" icon="close" data-testid="discard" onPress={() => setAsking(true)}>
        {t`Throw it away`}
      </Button>
      {isAsking && (
        <Question
          title={t`Throw this draft away?`}
          no={t`Not now`}
          yes={t`Throw it away`}
          isDangerous
          isPending={discard.isPending}
          onNo={() => setAsking(false)}
          onYes={() => discard.mutate()}
        >
          <p>
            <Trans>Nobody but your party has seen it.</Trans>
          </p>
        </Question>
      )}
    </>
  );
}

/** The keyboard goes to the first field that is refused. */
function focusFirstFault(): void {
  requestAnimationFrame(() => {
    const found = document.querySelector<HTMLElement>(
      ".paper-form [aria-invalid=true], .paper-form .paper-field:has(.fault) button",
    );
    found?.focus();
  });
}

/** The browser asks before what was typed is lost. */
function useLeaving(isChanged: boolean): void {
  useEffect(() => {
    if (!isChanged) return undefined;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [isChanged]);
}

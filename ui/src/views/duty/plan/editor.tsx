import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Trans, useLingui } from "@lingui/react/macro";
import { useMemo, useReducer, useRef, useState } from "react";
import { Form } from "react-aria-components";

import { dryRun, previewPlan, proposePlan } from "../../../api/duty";
import type { PlanAnswer, PlanDocument } from "../../../api/duty-types";
import { Button } from "../../../components/button";
import { Notice } from "../../../components/notice";
import { ProblemError } from "../../../errors";
import {
  changesBetween,
  documentOf,
  draftOf,
  edited,
  type Edited,
  type PlanDraft,
  redone,
  undone,
} from "../../../state/duty/plan";
import { faultsOf, type PlanFaults } from "../../../state/duty/plan-faults";
import { Problem } from "../../problem";
import { useBinding } from "../../step-up";
import { Lanes } from "../lanes";
import { targetsOf } from "../targets";
import { WeekPicture } from "../week-picture";
import { Changes } from "./changes";
import { PlanText } from "./fault";
import { forgetDraft, keepDraft, keptDraft } from "./kept";
import { PolicyChoice, PolicyEditor } from "./policies";
import { RostersEditor } from "./rosters";

const DAYS = 7;
const NO_FAULTS: PlanFaults = new Map();

type Act =
  | { readonly kind: "change"; readonly draft: PlanDraft }
  | { readonly kind: "undo" }
  | { readonly kind: "redo" };

function reduce(now: Edited, act: Act): Edited {
  if (act.kind === "undo") return undone(now);
  if (act.kind === "redo") return redone(now);
  return edited(now, act.draft);
}

/** The plan, field by field, with what it would do beside it; whatever is typed is kept. */
export function PlanEditor({ answer }: { readonly answer: PlanAnswer }) {
  const { t } = useLingui();
  const queries = useQueryClient();
  const form = useRef<HTMLFormElement>(null);
  const [now, act] = useReducer(reduce, answer, (first): Edited => {
    const present = keptDraft(first.number) ?? draftOf(first.plan);
    return { past: [], present, future: [] };
  });
  const [index, setIndex] = useState(0);
  const [words, setWords] = useState("");
  const draft = now.present;
  const faults = useMemo(
    () => faultsOf(draft, new Set(targetsOf(answer, draft.rosters))),
    [draft, answer],
  );
  const plan = useMemo(() => documentOf(draft), [draft]);
  const change = (next: PlanDraft) => {
    keepDraft(answer.number, next);
    act({ kind: "change", draft: next });
  };
  const changes = changesBetween(answer.plan, plan);
  const isSame = changes.rosters.length === 0 && changes.policies.length === 0;
  const propose = useBinding(
    async (wanted: PlanDocument) => proposePlan(wanted, words.trim()),
    () => {
      forgetDraft();
      void queries.invalidateQueries({ queryKey: ["plan"] });
    },
  );
  return (
    <section className="card people-card" aria-labelledby="editor-title">
      <EditorHead
        now={now}
        isSame={isSame}
        onAct={act}
        onBack={() => {
          forgetDraft();
          act({ kind: "change", draft: draftOf(answer.plan) });
        }}
      />
      <Form
        ref={form}
        className="people-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (faults.size > 0) showFirst(faults, plan, setIndex, form.current);
          else propose.run(plan);
        }}
      >
        <h3>{t`Who is called, and when`}</h3>
        <PolicyChoice draft={draft} faults={faults} index={index} onChoose={setIndex} />
        <div className="plan-beside">
          <PolicyEditor
            answer={answer}
            draft={draft}
            index={index}
            faults={faults}
            onChange={change}
          />
          <PolicyPreview answer={answer} draft={draft} plan={plan} index={index} faults={faults} />
        </div>
        <h3>{t`Who is on watch`}</h3>
        <RostersEditor answer={answer} draft={draft} faults={faults} onChange={change} />
        <RosterPreview plan={plan} faults={faults} />
        <Changes changes={changes} />
        <PlanText
          label={t`Why`}
          value={words}
          place="words"
          faults={NO_FAULTS}
          onChange={setWords}
        />
        <Refusals isWrong={faults.size > 0} error={propose.error} />
        <Button
          type="submit"
          weight="primary"
          isDisabled={isSame || propose.isPending}
          data-testid="propose"
        >
          {t`Propose`}
        </Button>
      </Form>
      {propose.sheet}
    </section>
  );
}

/** Back, forth, and back to what is in force; and what becomes of what is proposed. */
function EditorHead(props: {
  readonly now: Edited;
  readonly isSame: boolean;
  readonly onAct: (act: { readonly kind: "undo" } | { readonly kind: "redo" }) => void;
  readonly onBack: () => void;
}) {
  const { t } = useLingui();
  const { now, onAct } = props;
  return (
    <>
      <div className="plan-row-head">
        <h2 id="editor-title" className="desk-title">{t`Change the plan`}</h2>
        <div className="people-acts">
          <Button isDisabled={now.past.length === 0} onPress={() => onAct({ kind: "undo" })}>
            {t`Undo`}
          </Button>
          <Button isDisabled={now.future.length === 0} onPress={() => onAct({ kind: "redo" })}>
            {t`Redo`}
          </Button>
          <Button isDisabled={props.isSame} onPress={props.onBack}>
            {t`Back to what is in force`}
          </Button>
        </div>
      </div>
      <p className="small soft">
        <Trans>
          What you propose is in force once the other of engineer and releaser says so. What you
          type stays in this window until then.
        </Trans>
      </p>
    </>
  );
}

/** Why it cannot be proposed: by the page's own look, or by the node's. */
function Refusals(props: { readonly isWrong: boolean; readonly error: Error | null }) {
  const { t } = useLingui();
  const { error } = props;
  return (
    <>
      {props.isWrong && (
        <Notice tone="fair" icon="warning" title={t`This plan cannot be proposed yet`}>
          <p className="small">
            <Trans>What is wrong stands beside each field; the button leads to the first.</Trans>
          </p>
        </Notice>
      )}
      <Problem error={error} />
      {error instanceof ProblemError && typeof error.params["place"] === "string" && (
        <p className="small">
          <code>{error.params["place"]}</code>
        </p>
      )}
    </>
  );
}

/** What the policy that is edited would do: the node works it out, by the rules it acts on. */
function PolicyPreview(props: {
  readonly answer: PlanAnswer;
  readonly draft: PlanDraft;
  readonly plan: PlanDocument;
  readonly index: number;
  readonly faults: PlanFaults;
}) {
  const { t } = useLingui();
  const policy = props.draft.policies[props.index];
  const isWhole = props.faults.size === 0 && policy !== undefined;
  const tried = useQuery({
    queryKey: ["dry-run", policy?.direction, policy?.precedence, JSON.stringify(props.plan)],
    enabled: isWhole,
    placeholderData: (before) => before,
    queryFn: async () => {
      const began_at = new Date().toISOString();
      const { direction, precedence } = policy ?? { direction: "inbound", precedence: "flash" };
      return {
        began_at,
        steps: await dryRun({ direction, precedence, at: began_at, plan: props.plan }),
      };
    },
  });
  return (
    <div className="plan-preview" aria-label={t`What it would do if it came now`} role="group">
      <h4>{t`What it would do if it came now`}</h4>
      <Problem error={isWhole ? tried.error : null} />
      {!isWhole && (
        <p className="small soft">
          <Trans>Drawn once nothing is to be mended any more.</Trans>
        </p>
      )}
      {isWhole && tried.data !== undefined && (
        <Lanes began_at={tried.data.began_at} steps={tried.data.steps} />
      )}
    </div>
  );
}

/** The coming week of the rosters as they are typed. */
function RosterPreview(props: { readonly plan: PlanDocument; readonly faults: PlanFaults }) {
  const isWhole = props.faults.size === 0 && props.plan.rosters.length > 0;
  const shown = useQuery({
    queryKey: ["plan-preview", JSON.stringify(props.plan.rosters)],
    enabled: isWhole,
    placeholderData: (before) => before,
    queryFn: async () => previewPlan(props.plan, new Date().toISOString(), DAYS),
  });
  if (!isWhole) return null;
  return (
    <>
      <Problem error={shown.error} />
      {shown.data?.rosters.map((roster) => (
        <div key={roster.key} className="watch-roster">
          <h4>
            <bdi>{roster.name}</bdi>
          </h4>
          <WeekPicture roster={roster} />
        </div>
      ))}
    </>
  );
}

/** Leads the keyboard to the first field that is wrong, on whichever policy it is. */
function showFirst(
  faults: PlanFaults,
  plan: PlanDocument,
  choose: (index: number) => void,
  form: HTMLFormElement | null,
): void {
  const [first = ""] = faults.keys();
  const [part, number] = first.split(".");
  if (part === "policies") choose(Math.min(Number(number), plan.policies.length - 1));
  requestAnimationFrame(() => {
    const field = form?.querySelector<HTMLElement>(`[data-place="${CSS.escape(first)}"]`);
    const fallback = form?.querySelector<HTMLElement>(".plan-fault");
    (field ?? fallback?.parentElement?.querySelector("button") ?? null)?.focus();
    (field ?? fallback)?.scrollIntoView({ block: "center" });
  });
}

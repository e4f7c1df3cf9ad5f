import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { useRef, useState } from "react";
import { Form, Input, Label, TextArea, TextField } from "react-aria-components";

import { askForCall } from "../../api/papers";
import type { RecordSpace, SpaceId } from "../../api/record-types";
import { Button } from "../../components/button";
import { Choice, Toggle } from "../../components/choice";
import { useFormat } from "../../i18n/format";
import { LANGUAGES } from "../../i18n/languages";
import { otherMembers } from "../../state/record/timeline";
import { useDesk } from "../desk/context";
import { useLinesOfRecord } from "../notifications/use-papers";
import { Problem } from "../problem";
import { useBinding } from "../step-up";
import { InstantField } from "./instant-field";
import { INTERPRETER_WORDS, MODE_WORDS } from "./words";

const WHO_MAX = 200;
const SUBJECT_MAX = 1_000;
const HOURS = [1, 2, 6, 12, 24, 48];

interface Given {
  readonly space: SpaceId | null;
  readonly who_asks: string;
  readonly who_is_asked: string;
  readonly level: string;
  readonly subject: string;
  readonly earliest: string;
  readonly latest: string;
  readonly mode: string;
  readonly ours: string;
  readonly theirs: string;
  readonly interpreter: string;
  readonly hours: string;
  readonly isExercise: boolean;
}

interface Part {
  readonly given: Given;
  readonly change: (part: Partial<Given>) => void;
}

/** Asks for a call: who, whom, when, how; the other side's clock runs from when it has it. */
export function Ask() {
  const { t } = useLingui();
  const spaces = useLinesOfRecord();
  const [isOpen, setOpen] = useState(false);
  if (spaces[0] === undefined) return null;
  if (isOpen) return <AskForm spaces={spaces} first={spaces[0]} onClose={() => setOpen(false)} />;
  return (
    <div>
      <Button weight="primary" icon="open" data-testid="ask" onPress={() => setOpen(true)}>
        {t`Ask for a call`}
      </Button>
    </div>
  );
}

function AskForm(props: {
  readonly spaces: readonly RecordSpace[];
  readonly first: RecordSpace;
  readonly onClose: () => void;
}) {
  const { t } = useLingui();
  const { self } = useDesk();
  const { spaces } = props;
  const [given, setGiven] = useState<Given>({
    space: null,
    who_asks: "",
    who_is_asked: "",
    level: "",
    subject: "",
    earliest: "",
    latest: "",
    mode: "voice",
    ours: self?.party.languages[0] ?? "en",
    theirs: "en",
    interpreter: "both",
    hours: "48",
    isExercise: false,
  });
  const change = (part: Partial<Given>) => setGiven({ ...given, ...part });
  const line = spaces.find(({ id }) => id === given.space) ?? props.first;
  const ask = useAsking(line.id, given);
  const needed = [given.who_asks, given.who_is_asked, given.level, given.earliest, given.latest];
  const isWhole = needed.every((each) => each.trim() !== "");
  return (
    <Form
      className="card paper-acts"
      aria-label={t`Ask for a call`}
      onSubmit={(event) => {
        event.preventDefault();
        ask.run(undefined);
      }}
    >
      {spaces.length > 1 && (
        <Choice
          label={t`With`}
          value={line.id}
          options={spaces.map((each) => ({
            id: each.id,
            label: otherMembers(each, self?.party.id ?? null),
          }))}
          onChange={(id) => change({ space: id as SpaceId })}
        />
      )}
      <Who given={given} change={change} />
      <When given={given} change={change} parties={line.members.map(({ id }) => id)} />
      <How given={given} change={change} />
      <Toggle isOn={given.isExercise} onChange={(isExercise) => change({ isExercise })}>
        <Trans>This is an exercise</Trans>
      </Toggle>
      <Problem error={ask.error} />
      <div className="sheet-acts">
        <Button onPress={props.onClose}>{t`Not now`}</Button>
        <Button
          type="submit"
          weight="primary"
          data-testid="ask-send"
          isDisabled={!isWhole || ask.isPending}
        >
          {t`Ask with the passkey`}
        </Button>
      </div>
      {ask.sheet}
    </Form>
  );
}

function useAsking(space: SpaceId, given: Given) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const made = useRef("");
  return useBinding(
    async () => {
      const call = await askForCall({
        space,
        who_asks: given.who_asks.trim(),
        who_is_asked: given.who_is_asked.trim(),
        level: given.level.trim(),
        subject: given.subject.trim() === "" ? null : given.subject.trim(),
        earliest: given.earliest,
        latest: given.latest,
        mode: given.mode,
        languages: [...new Set([given.ours, given.theirs])],
        interpreter: given.interpreter,
        answer_hours: Number(given.hours),
        is_exercise: given.isExercise,
      });
      made.current = call.hash;
    },
    () => {
      void queries.invalidateQueries({ queryKey: ["calls"] });
      void navigate({ to: "/calls/$hash", params: { hash: made.current } });
    },
  );
}

function Who({ given, change }: Part) {
  const { t } = useLingui();
  const fields = [
    ["who_asks", t`Who asks`],
    ["who_is_asked", t`Whom`],
    ["level", t`Level`],
  ] as const;
  return (
    <>
      {fields.map(([name, label]) => (
        <TextField
          key={name}
          className="field"
          value={given[name]}
          onChange={(value) => change({ [name]: value })}
          maxLength={WHO_MAX}
        >
          <Label className="field-label">{label}</Label>
          <Input className="field-input" dir="auto" data-testid={name.replaceAll("_", "-")} />
        </TextField>
      ))}
      <TextField
        className="field"
        value={given.subject}
        onChange={(subject) => change({ subject })}
        maxLength={SUBJECT_MAX}
      >
        <Label className="field-label">
          <Trans>Subject, if it is told</Trans>
        </Label>
        <TextArea dir="auto" rows={2} data-testid="subject" />
      </TextField>
    </>
  );
}

function When({ given, change, parties }: Part & { readonly parties: readonly string[] }) {
  const { t } = useLingui();
  return (
    <>
      <InstantField
        label={t`Not before`}
        value={given.earliest}
        parties={parties}
        testId="earliest"
        onChange={(earliest) => change({ earliest })}
      />
      <InstantField
        label={t`Not after`}
        value={given.latest}
        parties={parties}
        testId="latest"
        onChange={(latest) => change({ latest })}
      />
    </>
  );
}

function How({ given, change }: Part) {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  const format = useFormat();
  const languages = LANGUAGES.map(({ id, name, tag }) => ({ id, label: name, lang: tag }));
  return (
    <>
      <Choice
        label={t`How`}
        value={given.mode}
        options={Object.entries(MODE_WORDS).map(([id, words]) => ({ id, label: _(words) }))}
        onChange={(mode) => change({ mode })}
      />
      <Choice
        label={t`Our language`}
        value={given.ours}
        options={languages}
        onChange={(ours) => change({ ours })}
      />
      <Choice
        label={t`Their language`}
        value={given.theirs}
        options={languages}
        onChange={(theirs) => change({ theirs })}
      />
      <Choice
        label={t`Interpreter`}
        value={given.interpreter}
        options={Object.entries(INTERPRETER_WORDS).map(([id, words]) => ({ id, label: _(words) }))}
        onChange={(interpreter) => change({ interpreter })}
      />
      <Choice
        label={t`Hours to answer, as agreed`}
        value={given.hours}
        options={HOURS.map((hours) => ({ id: String(hours), label: format.number(hours) }))}
        onChange={(hours) => change({ hours })}
      />
    </>
  );
}

import { useQuery } from "@tanstack/react-query";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Input, Label, TextField } from "react-aria-components";

import { openCrisis } from "../../api/crises";
import type { Crisis } from "../../api/crisis-types";
import { readSpaces } from "../../api/record";
import { Button } from "../../components/button";
import { Choice, Toggle } from "../../components/choice";
import { Sheet } from "../../components/sheet";
import { useDesk } from "../desk/context";
import { Problem } from "../problem";
import { useBinding } from "../step-up";
import { useTexts } from "./parts";

const PAIR = 2;

/** Opens our side under our own title; of a crisis that is there, or of a new one. */
export function OpenSheet(props: {
  /** The crisis, if one side has opened it before. */
  readonly crisis: Crisis | null;
  readonly onClose: () => void;
  readonly onDone: (crisis: Crisis) => void;
}) {
  const { t } = useLingui();
  const texts = useTexts();
  const { self } = useDesk();
  const spaces = useQuery({ queryKey: ["spaces"], queryFn: readSpaces });
  const lines = (spaces.data ?? []).filter(({ members }) => members.length === PAIR);
  const [title, setTitle] = useState("");
  const [grade, setGrade] = useState("");
  const [start, setStart] = useState(() => new Date().toISOString().slice(0, 16));
  const [isExercise, setExercise] = useState(false);
  const [chosen, setChosen] = useState<string | null>(null);
  const space = lines.find(({ id }) => id === chosen) ?? lines[0];
  const { crisis } = props;
  const act = useBinding<null>(
    async () =>
      props.onDone(
        await openCrisis({
          ...(crisis === null
            ? space === undefined
              ? {}
              : { space: space.id, is_exercise: isExercise }
            : { crisis: crisis.hash }),
          title: texts(title),
          grade: grade.trim() === "" ? null : grade.trim(),
          start: `${start}:00Z`,
        }),
      ),
    () => undefined,
  );
  return (
    <>
      <Sheet title={t`Open a crisis on our side`} isOpen onClose={props.onClose}>
        <p>
          <Trans>
            Title, grade and start are ours alone. The other side gives it its own, or none.
          </Trans>
        </p>
        {crisis === null && (
          <Choice
            label={t`With whom`}
            value={space?.id ?? ""}
            options={lines.map(({ id, members }) => ({
              id,
              label: members.find((each) => each.id !== self?.party.id)?.name ?? id,
            }))}
            onChange={setChosen}
          />
        )}
        <Labels
          title={title}
          grade={grade}
          start={start}
          onTitle={setTitle}
          onGrade={setGrade}
          onStart={setStart}
        />
        {crisis === null && (
          <Toggle isOn={isExercise} onChange={setExercise}>
            <Trans>This is an exercise</Trans>
          </Toggle>
        )}
        <Problem error={act.error} />
        <div className="sheet-acts">
          <Button onPress={props.onClose}>{t`Not now`}</Button>
          <Button
            weight="primary"
            data-testid="open-crisis"
            isDisabled={act.isPending || title.trim() === "" || start === ""}
            onPress={() => act.run(null)}
          >
            {t`Open it with the passkey`}
          </Button>
        </div>
      </Sheet>
      {act.sheet}
    </>
  );
}

function Labels(props: {
  readonly title: string;
  readonly grade: string;
  readonly start: string;
  readonly onTitle: (title: string) => void;
  readonly onGrade: (grade: string) => void;
  readonly onStart: (start: string) => void;
}) {
  return (
    <>
      <TextField className="field" value={props.title} onChange={props.onTitle} isRequired>
        <Label className="field-label">
          <Trans>Our title</Trans>
        </Label>
        <Input dir="auto" data-testid="crisis-title" maxLength={200} />
      </TextField>
      <TextField className="field" value={props.grade} onChange={props.onGrade}>
        <Label className="field-label">
          <Trans>Our grade, in our own words</Trans>
        </Label>
        <Input dir="auto" maxLength={80} />
      </TextField>
      <TextField
        className="field"
        value={props.start}
        onChange={props.onStart}
        type="datetime-local"
      >
        <Label className="field-label">
          <Trans>Since when, UTC</Trans>
        </Label>
        <Input />
      </TextField>
    </>
  );
}

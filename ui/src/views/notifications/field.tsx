import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { type ReactNode, useId } from "react";

import type { Finding, JsonMap } from "../../api/paper-types";
import { Button } from "../../components/button";
import { Choice, Toggle } from "../../components/choice";
import { Icon } from "../../components/icon";
import { labelOf } from "../../state/papers/definition";
import { type Field, type Filled, withoutItem } from "../../state/papers/fields";
import { instantOf, localOf } from "../../state/papers/zoned";
import { BothTimes } from "../record/both-times";
import { REASON_WORDS } from "./words";

/** What every field of a form needs to know. */
export interface FormFrame {
  readonly definition: JsonMap;
  readonly language: string;
  readonly filled: Filled;
  readonly findings: readonly Finding[];
  /** Our zone: times are typed in it. */
  readonly zone: string;
  readonly parties: readonly string[];
  readonly isLocked: boolean;
  readonly onChange: (filled: Filled) => void;
}

/** The fields of a form, one under the other, each with what is wrong with it. */
export function Fields(props: { readonly fields: readonly Field[]; readonly frame: FormFrame }) {
  return (
    <>
      {props.fields.map((field) => (
        <FieldView key={field.pointer} field={field} frame={props.frame} />
      ))}
    </>
  );
}

function FieldView({ field, frame }: { readonly field: Field; readonly frame: FormFrame }) {
  if (field.kind === "list") return <ListField field={field} frame={frame} />;
  if (field.kind === "group" || field.kind === "window" || field.kind === "point") {
    return (
      <Group field={field} frame={frame}>
        <Fields fields={field.fields} frame={frame} />
      </Group>
    );
  }
  if (field.kind === "quantity") {
    const value = field.fields.find(({ pointer }) => pointer.endsWith("/value"));
    if (value === undefined) return null;
    return <InputField field={{ ...value, place: field.place, unit: field.unit }} frame={frame} />;
  }
  if (field.kind === "choice") return <ChoiceField field={field} frame={frame} />;
  if (field.kind === "flag") return <FlagField field={field} frame={frame} />;
  return <InputField field={field} frame={frame} />;
}

function Group(props: {
  readonly field: Field;
  readonly frame: FormFrame;
  readonly children: ReactNode;
}) {
  const { field, frame } = props;
  const index = Number(field.pointer.split("/").at(-1));
  const isItem = !Number.isNaN(index);
  const list = field.pointer.slice(0, field.pointer.lastIndexOf("/"));
  const place = isItem ? field.place.replace(/\/\*$/, "") : field.place;
  return (
    <fieldset className={`paper-group paper-${field.kind}`}>
      <legend>
        {labelOf(frame.definition, frame.language, place)}
        {isItem && ` ${index + 1}`}
      </legend>
      {props.children}
      <Faults pointer={field.pointer} frame={frame} />
      {isItem && <Remove list={list} index={index} frame={frame} />}
    </fieldset>
  );
}

function Remove(props: {
  readonly list: string;
  readonly index: number;
  readonly frame: FormFrame;
}) {
  const { t } = useLingui();
  const { frame, list, index } = props;
  if (frame.isLocked) return null;
  return (
    <div>
      <Button
        weight="quiet"
        icon="close"
        onPress={() => frame.onChange(withoutItem(frame.filled, list, index))}
      >
        {t`Take it out`}
      </Button>
    </div>
  );
}

function ListField({ field, frame }: { readonly field: Field; readonly frame: FormFrame }) {
  const { t } = useLingui();
  const label = labelOf(frame.definition, frame.language, field.place);
  const count = field.fields.length;
  const isFull = field.most !== null && count >= field.most;
  return (
    <div className="paper-list">
      {field.fields.map((item) =>
        item.fields.length > 0 ? (
          <FieldView key={item.pointer} field={item} frame={frame} />
        ) : (
          <div className="paper-item" key={item.pointer}>
            <FieldView field={{ ...item, place: field.place }} frame={frame} />
            <Remove
              list={field.pointer}
              index={Number(item.pointer.split("/").at(-1))}
              frame={frame}
            />
          </div>
        ),
      )}
      <Faults pointer={field.pointer} frame={frame} />
      {!frame.isLocked && !isFull && (
        <div>
          <Button
            icon="open"
            data-testid={`add${field.pointer.replaceAll("/", "-")}`}
            onPress={() => frame.onChange({ ...frame.filled, [field.pointer]: String(count + 1) })}
          >
            {t`Add: ${label}`}
          </Button>
        </div>
      )}
    </div>
  );
}

function ChoiceField({ field, frame }: { readonly field: Field; readonly frame: FormFrame }) {
  const { t } = useLingui();
  const label = labelOf(frame.definition, frame.language, field.place);
  const options = field.choices.map((choice) => ({
    id: choice,
    label: labelOf(frame.definition, frame.language, `${field.place}=${choice}`),
  }));
  return (
    <div className="paper-field" data-testid={testIdOf(field)}>
      <Choice
        label={label}
        value={frame.filled[field.pointer] ?? ""}
        options={[{ id: "", label: t`Nothing chosen` }, ...options]}
        onChange={(value) => frame.onChange({ ...frame.filled, [field.pointer]: value })}
      />
      <Faults pointer={field.pointer} frame={frame} />
    </div>
  );
}

function FlagField({ field, frame }: { readonly field: Field; readonly frame: FormFrame }) {
  return (
    <div className="paper-field" data-testid={testIdOf(field)}>
      <Toggle
        isOn={frame.filled[field.pointer] === "true"}
        onChange={(isOn) => frame.onChange({ ...frame.filled, [field.pointer]: String(isOn) })}
      >
        {labelOf(frame.definition, frame.language, field.place)}
      </Toggle>
      <Faults pointer={field.pointer} frame={frame} />
    </div>
  );
}

function InputField({ field, frame }: { readonly field: Field; readonly frame: FormFrame }) {
  const id = useId();
  const value = frame.filled[field.pointer] ?? "";
  const isInstant = field.kind === "instant";
  const faults = faultsAt(field.pointer, frame.findings);
  const shared = {
    id,
    dir: field.kind === "text" || field.kind === "long_text" ? "auto" : "ltr",
    readOnly: frame.isLocked,
    "aria-invalid": faults.some(({ weight }) => weight === "refuses"),
    "aria-describedby": `${id}-faults`,
    "aria-required": field.isNeeded,
    "data-testid": testIdOf(field),
  } as const;
  const keep = (typed: string) => {
    const kept = isInstant ? (instantOf(typed, frame.zone) ?? "") : typed;
    frame.onChange({ ...frame.filled, [field.pointer]: kept });
  };
  return (
    <div className="field paper-field">
      <label className="field-label" htmlFor={id}>
        {labelOf(frame.definition, frame.language, field.place)}
        {field.unit !== "" && <span className="soft"> ({field.unit})</span>}
        {!field.isNeeded && (
          <span className="soft">
            {" "}
            · <Trans>may be left out</Trans>
          </span>
        )}
      </label>
      {field.kind === "long_text" ? (
        <textarea
          {...shared}
          rows={5}
          value={value}
          onChange={(typed) => keep(typed.target.value)}
        />
      ) : (
        <input
          {...shared}
          className="field-input"
          type={INPUT_TYPES[field.kind] ?? "text"}
          inputMode={field.kind === "number" ? "decimal" : undefined}
          value={isInstant ? localOf(value, frame.zone) : value}
          onChange={(typed) => keep(typed.target.value)}
        />
      )}
      {isInstant && value !== "" && <BothTimes at={value} parties={frame.parties} />}
      <Faults pointer={field.pointer} frame={frame} id={`${id}-faults`} />
    </div>
  );
}

const INPUT_TYPES: Readonly<Record<string, string>> = { instant: "datetime-local", date: "date" };

function testIdOf(field: Field): string {
  return `field${field.pointer.replaceAll("/", "-")}`;
}

function faultsAt(pointer: string, findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ field }) => field === pointer);
}

/** What is wrong at one place, and what would do instead. */
export function Faults(props: {
  readonly pointer: string;
  readonly frame: Pick<FormFrame, "findings">;
  readonly id?: string;
}) {
  const { _ } = useCatalogue();
  const found = faultsAt(props.pointer, props.frame.findings);
  return (
    <div id={props.id} className="paper-faults">
      {found.map(({ reason, wanted, weight }) => {
        const words = REASON_WORDS[reason];
        return (
          <p key={reason} className={weight === "warns" ? "fault fault-warns" : "fault"}>
            <Icon name="warning" /> {words === undefined ? reason : _(words)}
            {wanted !== "" && <bdi className="figures"> {wanted}</bdi>}
          </p>
        );
      })}
    </div>
  );
}

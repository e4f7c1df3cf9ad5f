import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { useId } from "react";

import { Icon } from "../../components/icon";
import { useFormat } from "../../i18n/format";
import { bytesOf, characters, findings, type TextLimits } from "../../state/watch/text";
import { FAULT_WORDS } from "./words";

/** A text with what is counted and what is wrong about it, by the node's own rule, as it is typed. */
export function TextArea(props: {
  readonly label: string;
  /** Of the text; left out where nobody knows it. */
  readonly language?: string;
  readonly value: string;
  readonly limits: TextLimits;
  readonly onChange: (text: string) => void;
  /** An empty text is no fault. */
  readonly isOptional?: boolean;
}) {
  const { value, limits } = props;
  const { _ } = useCatalogue();
  const { t } = useLingui();
  const format = useFormat();
  const id = useId();
  const faults = findings(value, limits).filter(
    // What has not been begun is not held against anybody.
    ({ fault }) => fault !== "empty" || (props.isOptional !== true && value !== ""),
  );
  const count = format.number(characters(value));
  const most = format.number(limits.characters);
  const bytes = format.number(bytesOf(value));
  const bytesMost = format.number(limits.bytes);
  const points = Array.from(value);
  return (
    <div className="field alert-field">
      <label htmlFor={id} className="field-label">
        {props.label}
      </label>
      <textarea
        id={id}
        dir="auto"
        lang={props.language}
        value={value}
        rows={7}
        aria-describedby={`${id}-count ${id}-faults`}
        aria-invalid={faults.length > 0}
        onChange={(event) => props.onChange(event.target.value)}
      />
      <p id={`${id}-count`} className="soft small figures" data-testid="text-count">
        <Trans>
          {count} of {most} characters, {bytes} of {bytesMost} bytes
        </Trans>
      </p>
      <ul id={`${id}-faults`} className="text-faults" aria-live="polite">
        {faults.map(({ fault, place }) => {
          const at = format.number(place + 1);
          const around = points.slice(Math.max(0, place - 6), place).join("");
          const odd = points[place];
          const point = odd?.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0") ?? "";
          return (
            <li key={fault} data-testid={`fault-${fault}`}>
              <Icon name="warning" /> {_(FAULT_WORDS[fault])}{" "}
              {fault !== "too_long" && fault !== "empty" && odd !== undefined && (
                <span className="small">
                  {t`Character ${at}`}, <code>U+{point}</code>
                  {around !== "" && (
                    <>
                      {" "}
                      <Trans>
                        after <q dir="auto">{around}</q>
                      </Trans>
                    </>
                  )}
                </span>
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

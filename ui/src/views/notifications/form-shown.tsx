import { Trans } from "@lingui/react/macro";
import { useLingui as useCatalogue } from "@lingui/react";
import { Fragment } from "react";

import type { Finding, Json, JsonMap } from "../../api/paper-types";
import { labelOf, textOf } from "../../state/papers/definition";
import { BothTimes } from "../record/both-times";
import { Faults } from "./field";

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

/** A form as it is read: label and value, instants in the zones of both. */
export function FormShown(props: {
  readonly form: JsonMap;
  readonly definition: JsonMap;
  readonly findings: readonly Finding[];
  readonly parties: readonly string[];
}) {
  const { i18n } = useCatalogue();
  return (
    <dl className="pairs paper-pairs">
      {rows(props.form, "", "").map(({ pointer, place, value, item }) => (
        <Fragment key={pointer}>
          <dt>
            {labelOf(props.definition, i18n.locale, place)}
            {item !== null && ` ${item}`}
          </dt>
          <dd>
            <Value
              value={value}
              place={place}
              definition={props.definition}
              parties={props.parties}
            />
            <Faults pointer={pointer} frame={props} />
          </dd>
        </Fragment>
      ))}
    </dl>
  );
}

function Value(props: {
  readonly value: Json;
  readonly place: string;
  readonly definition: JsonMap;
  readonly parties: readonly string[];
}) {
  const { i18n } = useCatalogue();
  const { value, place } = props;
  if (value === true) return <Trans>Yes</Trans>;
  if (value === false) return <Trans>No</Trans>;
  if (typeof value === "string" && INSTANT.test(value)) {
    return <BothTimes at={value} parties={props.parties} />;
  }
  if (typeof value === "string") {
    const choice = `${place}=${value}`;
    const label = labelOf(props.definition, i18n.locale, choice);
    const isChoice = label !== (choice.split("/").at(-1) ?? choice);
    return (
      <span dir="auto" className="paper-words">
        {isChoice ? label : value}
      </span>
    );
  }
  return <bdi className="figures">{textOf(value)}</bdi>;
}

interface Row {
  readonly pointer: string;
  readonly place: string;
  readonly value: Json;
  readonly item: number | null;
}

/** A row for each value; a quantity is one, with its unit. */
function rows(value: Json, pointer: string, place: string, item: number | null = null): Row[] {
  if (Array.isArray(value)) {
    return value.flatMap((each, index) =>
      rows(each as Json, `${pointer}/${index}`, `${place}/*`, index + 1),
    );
  }
  if (typeof value !== "object" || value === null) {
    return [{ pointer, place: place.replace(/\/\*$/, ""), value, item }];
  }
  const map = value as JsonMap;
  const names = Object.keys(map);
  if (names.length === 2 && "value" in map && "unit" in map) {
    return [{ pointer, place, value: `${textOf(map["value"])} ${textOf(map["unit"])}`, item }];
  }
  return names.flatMap((name) =>
    rows(map[name] ?? null, `${pointer}/${name}`, `${place}/${name}`, item),
  );
}

/** A form as fields that a person fills in, made from the schema of an agreed type. */
import type { Json, JsonMap } from "../../api/paper-types";
import { objectOf, textOf } from "./definition";

/** What a field is to a person. */
export type FieldKind =
  | "text"
  | "long_text"
  | "choice"
  | "number"
  | "flag"
  | "instant"
  | "date"
  | "quantity"
  | "point"
  | "window"
  | "group"
  | "list";

/** One field, at its place in the form. */
export interface Field {
  readonly pointer: string;
  /** Where its label is: items of a list have `*` instead of their number. */
  readonly place: string;
  readonly kind: FieldKind;
  readonly isNeeded: boolean;
  readonly choices: readonly string[];
  readonly unit: string;
  readonly least: number | null;
  readonly most: number | null;
  readonly fields: readonly Field[];
}

/** What was typed, by place; how many items a list has stands at the place of the list. */
export type Filled = Readonly<Record<string, string>>;

const LONG = 200;

/** The fields of a schema for a form that is filled in so far. */
export function fieldsOf(schema: JsonMap, filled: Filled): readonly Field[] {
  return field(schema, "", "", true, filled).fields;
}

/** The form as JSON: what is empty is not in it, what is no number stays as it was typed. */
export function formOf(schema: JsonMap, filled: Filled): JsonMap {
  return objectOf(valueOf(schema, "", filled) ?? {});
}

/** What a person would have typed to get a form. */
export function filledOf(form: JsonMap): Filled {
  return Object.fromEntries(typed(form, ""));
}

/** Without an item of a list: those behind it move up. */
export function withoutItem(filled: Filled, list: string, index: number): Filled {
  const count = Number(filled[list] ?? 0);
  const kept = Object.entries(filled).flatMap(([pointer, value]): (readonly [string, string])[] => {
    if (!pointer.startsWith(`${list}/`)) return [[pointer, value]];
    const [number = "", ...rest] = pointer.slice(list.length + 1).split("/");
    if (Number(number) === index) return [];
    const moved = Number(number) > index ? Number(number) - 1 : Number(number);
    return [[[list, moved, ...rest].join("/"), value]];
  });
  return { ...Object.fromEntries(kept), [list]: String(count - 1) };
}

function field(
  schema: JsonMap,
  pointer: string,
  place: string,
  isNeeded: boolean,
  filled: Filled,
): Field {
  const kind = kindOf(schema);
  const properties = objectOf(schema["properties"]);
  const choices = Array.isArray(schema["enum"])
    ? schema["enum"].map((each) => textOf(each as Json))
    : [];
  const unit = objectOf(properties["unit"])["const"];
  const bounds = kind === "quantity" ? objectOf(properties["value"]) : schema;
  return {
    pointer,
    place,
    kind,
    isNeeded,
    choices,
    unit: typeof unit === "string" ? unit : "",
    least: numberOf(bounds["minimum"]),
    most: numberOf(bounds["maximum"] ?? schema["maxLength"] ?? schema["maxItems"]),
    fields: inside(schema, pointer, place, filled),
  };
}

function inside(schema: JsonMap, pointer: string, place: string, filled: Filled): readonly Field[] {
  if (schema["type"] === "array") {
    const items = objectOf(schema["items"]);
    const count = Math.max(Number(filled[pointer] ?? 0), numberOf(schema["minItems"]) ?? 0);
    return Array.from({ length: count }, (_, index) =>
      field(items, `${pointer}/${index}`, `${place}/*`, true, filled),
    );
  }
  const needed = Array.isArray(schema["required"]) ? schema["required"] : [];
  return Object.entries(objectOf(schema["properties"])).map(([name, each]) =>
    field(objectOf(each), `${pointer}/${name}`, `${place}/${name}`, needed.includes(name), filled),
  );
}

function kindOf(schema: JsonMap): FieldKind {
  const names = Object.keys(objectOf(schema["properties"]));
  const has = (one: string, other: string) => names.includes(one) && names.includes(other);
  if (schema["type"] === "array") return "list";
  if (schema["type"] === "object") {
    if (has("value", "unit") && names.length === 2) return "quantity";
    if (has("latitude", "longitude") && names.length === 2) return "point";
    if (has("begins", "ends") && names.length === 2) return "window";
    return "group";
  }
  if (schema["type"] === "boolean") return "flag";
  if (schema["type"] === "integer" || schema["type"] === "number") return "number";
  if (Array.isArray(schema["enum"])) return "choice";
  if (schema["format"] === "date-time") return "instant";
  if (schema["format"] === "date") return "date";
  return (numberOf(schema["maxLength"]) ?? 0) > LONG ? "long_text" : "text";
}

function valueOf(schema: JsonMap, pointer: string, filled: Filled): Json | undefined {
  if (schema["type"] === "array") {
    const count = Math.max(Number(filled[pointer] ?? 0), numberOf(schema["minItems"]) ?? 0);
    const items = Array.from({ length: count }, (_, index) =>
      valueOf(objectOf(schema["items"]), `${pointer}/${index}`, filled),
    );
    const found = items.map((each) => each ?? emptyOf(objectOf(schema["items"])));
    return found.length > 0 ? found : undefined;
  }
  if (schema["type"] === "object") return objectValue(schema, pointer, filled);
  const text = filled[pointer];
  if (text === undefined || text === "") return undefined;
  if (schema["type"] === "boolean") return text === "true";
  if (schema["type"] !== "integer" && schema["type"] !== "number") return text;
  const number = Number(text.replace(",", "."));
  return Number.isFinite(number) ? number : text;
}

/** An object of what is filled in; what can only be one thing comes along, never alone. */
function objectValue(schema: JsonMap, pointer: string, filled: Filled): Json | undefined {
  const entries = Object.entries(objectOf(schema["properties"]));
  const given = entries.flatMap(([name, each]): (readonly [string, Json])[] => {
    const value = valueOf(objectOf(each), `${pointer}/${name}`, filled);
    return value === undefined ? [] : [[name, value]];
  });
  if (given.length === 0) return undefined;
  const constants = entries.flatMap(([name, each]): (readonly [string, Json])[] => {
    const only = objectOf(each)["const"];
    return only === undefined ? [] : [[name, only]];
  });
  return Object.fromEntries([...given, ...constants]);
}

function emptyOf(schema: JsonMap): Json {
  return schema["type"] === "object" ? {} : "";
}

function typed(value: Json, pointer: string): readonly (readonly [string, string])[] {
  if (Array.isArray(value)) {
    const items = value.flatMap((each, index) => typed(each as Json, `${pointer}/${index}`));
    return [[pointer, String(value.length)], ...items];
  }
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).flatMap(([name, each]) => typed(each, `${pointer}/${name}`));
  }
  return value === null ? [] : [[pointer, textOf(value)]];
}

function numberOf(value: Json | undefined): number | null {
  return typeof value === "number" ? value : null;
}

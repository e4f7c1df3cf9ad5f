/** An agreed type as a page needs it: labels, fields, the rule of its lead time. */
import type { Json, JsonMap, NotificationType } from "../../api/paper-types";

/** By when a notification must be received. */
export interface LeadRule {
  readonly relation: string;
  /** Place of the instant it counts from. */
  readonly at: string;
  readonly hours: number;
}

/** The label of a place in one of a type's languages; the place itself where it has none. */
export function labelOf(definition: JsonMap, language: string, place: string): string {
  const labels = objectOf(definition["labels"]);
  const own = objectOf(labels[language] ?? labels["en"] ?? Object.values(labels)[0]);
  const found = own[place];
  return typeof found === "string" ? found : (place.split("/").at(-1) ?? place);
}

/** What a type is called; its id where no type of it is known here. */
export function titleOf(types: readonly NotificationType[], id: string, language: string): string {
  const found = types.find((each) => each.id === id && each.is_usable);
  return found === undefined ? id : labelOf(found.definition, language, "");
}

/** The languages a type has labels in. */
export function languagesOf(definition: JsonMap): readonly string[] {
  return Object.keys(objectOf(definition["labels"]));
}

/** The rule that applies to a form: the first exception that fits, or the rule; null without one. */
export function leadRule(definition: JsonMap, form: JsonMap): LeadRule | null {
  const lead = objectOf(definition["lead"]);
  if (typeof lead["at"] !== "string") return null;
  const exceptions = Array.isArray(lead["exceptions"]) ? lead["exceptions"].map(objectOf) : [];
  const fits = exceptions.find((each) => at(form, textOf(each["at"])) === each["value"]);
  return {
    relation: textOf(lead["relation"]),
    at: lead["at"],
    hours: Number((fits ?? lead)["hours"]),
  };
}

/** By when a form must be received, as milliseconds since 1970; null without rule or instant. */
export function dueAt(definition: JsonMap, form: JsonMap): number | null {
  const rule = leadRule(definition, form);
  const from = rule === null ? Number.NaN : Date.parse(textOf(at(form, rule.at)));
  if (rule === null || Number.isNaN(from)) return null;
  return from + (rule.relation === "before" ? -1 : 1) * rule.hours * 3_600_000;
}

/** A lateness as hours and minutes; a minute that has begun counts whole, as at the node. */
export function lateText(late_ms: number): string {
  const minutes = Math.ceil(Math.max(0, late_ms) / 60_000);
  return [Math.floor(minutes / 60), minutes % 60].map(twoDigits).join(":");
}

/** A number of hours, minutes or seconds in two digits at least. */
export function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}

/** What stands at a place such as `/window/begins`. */
export function at(value: Json | undefined, pointer: string): Json | undefined {
  let found = value;
  for (const part of pointer.split("/").slice(1)) {
    if (Array.isArray(found)) found = found[Number(part)] as Json | undefined;
    else found = objectOf(found)[part];
  }
  return found;
}

/** A value as an object; an empty one if it is none. */
export function objectOf(value: Json | undefined): JsonMap {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? (value as JsonMap) : {};
}

/** A value as text; what is no text, number or flag is none. */
export function textOf(value: Json | undefined): string {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

/** A type as text that is compared line by line: what is agreed on, in one order. */
export function asText(definition: JsonMap): string {
  return JSON.stringify(sorted(definition), null, 1);
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map((each) => sorted(each as Json));
  if (typeof value !== "object" || value === null) return value;
  const names = Object.keys(value).toSorted();
  return Object.fromEntries(names.map((name) => [name, sorted(objectOf(value)[name] ?? null)]));
}

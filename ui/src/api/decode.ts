/**
 * Readers that turn unknown JSON into a declared type or say where it differs.
 *
 * A reader takes the value and the place it was found; it ignores fields it does not know, so that
 * an older page can be served by a newer node.
 */
import { FrameError } from "../errors";

/** Reads one value found at `at`, or throws `FrameError`. */
export type Reader<T> = (value: unknown, at: string) => T;

/** Reads text. */
export const text: Reader<string> = (value, at) => {
  if (typeof value !== "string") throw new FrameError(at, "text");
  return value;
};

/** Reads a finite number. */
export const number: Reader<number> = (value, at) => {
  if (typeof value !== "number" || !Number.isFinite(value)) throw new FrameError(at, "a number");
  return value;
};

/** Reads true or false. */
export const flag: Reader<boolean> = (value, at) => {
  if (typeof value !== "boolean") throw new FrameError(at, "true or false");
  return value;
};

/** Reads text of a branded kind; the node made it, so the page does not look inside. */
export function id<T extends string>(): Reader<T> {
  return (value, at) => text(value, at) as T;
}

/** Reads null as null, and anything else with `reader`; an absent field counts as null. */
export function orNull<T>(reader: Reader<T>): Reader<T | null> {
  return (value, at) => (value === null || value === undefined ? null : reader(value, at));
}

/** Reads a list. */
export function list<T>(reader: Reader<T>): Reader<readonly T[]> {
  return (value, at) => {
    if (!Array.isArray(value)) throw new FrameError(at, "a list");
    return value.map((item: unknown, index) => reader(item, `${at}[${index}]`));
  };
}

/** Reads one of the words given. */
export function oneOf<const T extends string>(words: readonly T[]): Reader<T> {
  return (value, at) => {
    const found = words.find((word) => word === value);
    if (found === undefined) throw new FrameError(at, words.join(" | "));
    return found;
  };
}

/** Reads an object field by field. */
export function shape<T extends object>(fields: {
  readonly [K in keyof T]: Reader<T[K]>;
}): Reader<T> {
  const readers = Object.entries(fields) as readonly (readonly [string, Reader<unknown>])[];
  return (value, at) => {
    const source = object(value, at);
    const prefix = at === "" ? "" : `${at}.`;
    return Object.fromEntries(
      readers.map(([name, reader]) => [name, reader(source[name], prefix + name)]),
    ) as T;
  };
}

/** Reads an object whose values are all of one kind. */
export function record<T>(reader: Reader<T>): Reader<Readonly<Record<string, T>>> {
  return (value, at) =>
    Object.fromEntries(
      Object.entries(object(value, at)).map(([name, item]) => [
        name,
        reader(item, `${at}.${name}`),
      ]),
    );
}

/** Reads a value safe to put into a sentence; anything else becomes null. */
export const scalar: Reader<string | number | boolean | null> = (value) =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? value
    : null;

/** Reads a frame by the reader of its `type`; a type nobody knows yet is null, not an error. */
export function tagged<T extends { readonly type: string }>(readers: {
  readonly [K in T["type"]]: Reader<Extract<T, { readonly type: K }>>;
}): Reader<T | null> {
  return (value, at) => {
    const type = text(object(value, at)["type"], "type");
    if (!Object.hasOwn(readers, type)) return null;
    const reader: Reader<T> = readers[type as T["type"]];
    return reader(value, at);
  };
}

function object(value: unknown, at: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new FrameError(at, "an object");
  }
  return value as Readonly<Record<string, unknown>>;
}

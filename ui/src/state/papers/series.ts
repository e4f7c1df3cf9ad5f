/** Numbered notifications in their series, with the numbers that are missing. */
import type { Notification, NumberFault } from "../../api/paper-types";
import type { PartyId } from "../../api/types";

/** One place of a series: a notification, or a number that nobody has seen. */
export interface Place {
  readonly number: number;
  readonly notification: Notification | null;
  readonly isDouble: boolean;
}
/** The notifications of one party, type and year, exercises apart, the newest number first. */
export interface Series {
  readonly key: string;
  readonly author: PartyId;
  readonly type_id: string;
  readonly year: number;
  readonly isExercise: boolean;
  readonly places: readonly Place[];
}

/** Which notifications are shown. */
export interface Wanted {
  readonly author: string | null;
  readonly type_id: string | null;
  readonly state: string | null;
}

/** The number within its series: "Ministry/launch-or-test/2026/3" is 3, and so is ".../E3". */
export function numberIn(notification: Pick<Notification, "number">): number {
  return Number(notification.number.split("/").at(-1)?.replace(/^E/u, ""));
}

/** The year of its series. */
export function yearIn(notification: Pick<Notification, "number">): number {
  return Number(notification.number.split("/").at(-2));
}

/** Series of what is wanted, each with its gaps; a filter by state hides gaps, which have none. */
export function seriesOf(
  notifications: readonly Notification[],
  faults: readonly NumberFault[],
  wanted: Wanted,
): readonly Series[] {
  const found = new Map<string, Series & { readonly places: Place[] }>();
  const into = (author: PartyId, type_id: string, year: number, isExercise: boolean) => {
    const key = `${author}/${type_id}/${year}${isExercise ? "/E" : ""}`;
    const known = found.get(key) ?? { key, author, type_id, year, isExercise, places: [] };
    found.set(key, known);
    return known.places;
  };
  const doubles = new Set(
    faults.filter(({ hashes }) => hashes.length > 1).flatMap(({ hashes }) => hashes),
  );
  for (const each of notifications) {
    if (!isWanted(each.author, each.type_id, wanted)) continue;
    if (wanted.state !== null && each.state !== wanted.state) continue;
    into(each.author, each.type_id, yearIn(each), each.is_exercise).push({
      number: numberIn(each),
      notification: each,
      isDouble: doubles.has(each.hash),
    });
  }
  for (const fault of faults) {
    const isGap = fault.hashes.length === 0 && wanted.state === null;
    if (!isGap || !isWanted(fault.party, fault.type_id, wanted)) continue;
    into(fault.party, fault.type_id, fault.year, fault.is_exercise).push({
      number: fault.number,
      notification: null,
      isDouble: false,
    });
  }
  const all = [...found.values()].toSorted(
    (one, other) => other.year - one.year || one.key.localeCompare(other.key),
  );
  for (const { places } of all) places.sort((one, other) => other.number - one.number);
  return all;
}

function isWanted(author: string, type_id: string, wanted: Wanted): boolean {
  return [null, author].includes(wanted.author) && [null, type_id].includes(wanted.type_id);
}

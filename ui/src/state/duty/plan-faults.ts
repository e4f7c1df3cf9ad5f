/** What is wrong with a plan that is edited, and where; the node looks again, by the same rules. */
import { type PlanDraft, type RosterDraft, secondsOf, type StepDraft, wholeOf } from "./plan";

export const PLAN_FAULTS = [
  "no_delay",
  "no_target",
  "too_many_targets",
  "unknown_target",
  "no_number",
  "no_name",
  "taken",
  "no_zone",
  "no_office",
  "no_people",
  "no_start",
  "no_days",
  "no_hour",
] as const;
/** Why a field will not do. */
export type PlanFault = (typeof PLAN_FAULTS)[number];

/** Faults by the place of their field: "policies.0.steps.2.delay_s", as the node names it. */
export type PlanFaults = ReadonlyMap<string, PlanFault>;

const DELAY_S_MAX = 7 * 86_400;
const TARGETS_MAX = 12;
const REPEATS_MAX = 20;
const REPEAT_S_MIN = 10;
const ACKS_MAX = 5;
const LENGTH_MAX = 366;
const NAME_CHARACTERS_MAX = 80;
const CLOCK = /^([01]\d|2[0-3]):[0-5]\d$/;
const LOCAL = /^2[01]\d\d-\d\d-\d\dT\d\d:\d\d$/;

/** Looks at everything; an empty map is a plan that the node takes. */
export function faultsOf(draft: PlanDraft, knownTargets: ReadonlySet<string>): PlanFaults {
  const faults = new Map<string, PlanFault>();
  const rosters = new Set(draft.rosters.map(({ key }) => `roster:${key}`));
  const isKnown = (target: string) => knownTargets.has(target) || rosters.has(target);
  draft.policies.forEach((policy, i) => {
    const place = `policies.${i}`;
    policy.steps.forEach((step, j) =>
      lookAtStep(step, `${place}.steps.${j}`, isKnown, (at, fault) => faults.set(at, fault)),
    );
    const repeats = wholeOf(policy.repeats);
    if (repeats === null || repeats > REPEATS_MAX) faults.set(`${place}.repeats`, "no_number");
    const repeat_s = secondsOf(policy.repeat);
    const isRepeated = repeats !== 0;
    if (isRepeated && (repeat_s === null || repeat_s < REPEAT_S_MIN || repeat_s > DELAY_S_MAX))
      faults.set(`${place}.repeat_s`, "no_delay");
  });
  const names = new Set<string>();
  draft.rosters.forEach((roster, i) => {
    lookAtRoster(roster, `rosters.${i}`, faults);
    if (names.has(roster.name.trim())) faults.set(`rosters.${i}.name`, "taken");
    names.add(roster.name.trim());
  });
  return faults;
}

function lookAtStep(
  step: StepDraft,
  place: string,
  isKnown: (target: string) => boolean,
  fault: (at: string, fault: PlanFault) => void,
): void {
  const delay = secondsOf(step.delay);
  if (delay === null || delay > DELAY_S_MAX) fault(`${place}.delay_s`, "no_delay");
  if (step.targets.length === 0) fault(`${place}.targets`, "no_target");
  else if (step.targets.length > TARGETS_MAX) fault(`${place}.targets`, "too_many_targets");
  else if (!step.targets.every(isKnown)) fault(`${place}.targets`, "unknown_target");
  const acks = wholeOf(step.acks);
  if (step.until === "acknowledged" && (acks === null || acks < 1 || acks > ACKS_MAX))
    fault(`${place}.acks`, "no_number");
}

function lookAtRoster(roster: RosterDraft, place: string, faults: Map<string, PlanFault>): void {
  if (!isName(roster.name)) faults.set(`${place}.name`, "no_name");
  if (!isZone(roster.zone)) faults.set(`${place}.zone`, "no_zone");
  if (roster.office === "") faults.set(`${place}.office`, "no_office");
  const names = new Set<string>();
  roster.rotations.forEach((rotation, i) => {
    const at = `${place}.rotations.${i}`;
    const name = rotation.name.trim();
    if (!isName(name)) faults.set(`${at}.name`, "no_name");
    // An exception's name is the node's own word in the shifts that it shows.
    else if (names.has(name) || name === "override") faults.set(`${at}.name`, "taken");
    names.add(name);
    if (rotation.people.length === 0) faults.set(`${at}.people`, "no_people");
    if (!LOCAL.test(rotation.starts)) faults.set(`${at}.starts`, "no_start");
    const length = wholeOf(rotation.length);
    if (length === null || length < 1 || length > LENGTH_MAX)
      faults.set(`${at}.length`, "no_number");
    rotation.hours.forEach((hours, j) => {
      if (hours.days.length === 0) faults.set(`${at}.hours.${j}.days`, "no_days");
      if (!isClock(hours.start) || !isClock(hours.end))
        faults.set(`${at}.hours.${j}.start`, "no_hour");
    });
  });
}

function isName(name: string): boolean {
  const trimmed = name.trim();
  return trimmed.length > 0 && trimmed.length <= NAME_CHARACTERS_MAX;
}

function isClock(text: string): boolean {
  return CLOCK.test(text) || text === "24:00";
}

function isZone(zone: string): boolean {
  try {
    return zone !== "" && new Intl.DateTimeFormat("en", { timeZone: zone }).format(0) !== "";
  } catch {
    return false;
  }
}

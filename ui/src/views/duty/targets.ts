import { useLingui as useCatalogue } from "@lingui/react";
import { useMemo } from "react";

import type { PlanAnswer } from "../../api/duty-types";
import type { Option } from "../../components/choice";
import { ROLES, useRoleWord } from "../people/roles";
import { TARGET_WORDS } from "./words";

/** What names of targets stand for: people, rosters and devices by their ids and keys. */
export type TargetNames = ReadonlyMap<string, string>;

/** The names of everything a plan can call, besides its own rosters. */
export function targetNames(answer: PlanAnswer): TargetNames {
  return new Map([
    ...answer.people.map(({ id, name }) => [`person:${id}`, name] as const),
    ...answer.targets.devices.map(
      ({ id, name, person }) => [`device:${id}`, `${person}: ${name}`] as const,
    ),
  ]);
}

/** Everything that can be called, in the order in which it is thought of; rosters come first. */
export function targetsOf(
  answer: PlanAnswer,
  rosters: readonly { readonly key: string }[],
): readonly string[] {
  const { targets } = answer;
  return [
    ...rosters.map(({ key }) => `roster:${key}`),
    "desk",
    ...ROLES.map((role) => `role:${role}`),
    ...answer.people.map(({ id }) => `person:${id}`),
    ...targets.devices.map(({ id }) => `device:${id}`),
    ...targets.boxes.map((name) => `mail:${name}`),
    ...targets.webhooks.map((name) => `webhook:${name}`),
    ...targets.sirens.map((name) => `siren:${name}`),
  ];
}

/** A target in words: "Watch: Desk of the ministry", "Every desk", "Siren: hall". */
export function useTargetWords(names: TargetNames): (target: string) => string {
  const { _ } = useCatalogue();
  const role = useRoleWord();
  return (target) => {
    const kind = target.split(":")[0] ?? "";
    const name = target.slice(kind.length + 1);
    const word = TARGET_WORDS[kind];
    const shown = kind === "role" ? role(name) : (names.get(target) ?? name);
    if (word === undefined) return target;
    return shown === "" ? _(word) : `${_(word)}: ${shown}`;
  };
}

/** What to choose targets from, in words. */
export function useTargetOptions(
  answer: PlanAnswer,
  rosters: readonly { readonly key: string; readonly name: string }[],
): { readonly options: readonly Option[]; readonly words: (target: string) => string } {
  const names = useMemo(
    () =>
      new Map([
        ...targetNames(answer),
        ...rosters.map(({ key, name }) => [`roster:${key}`, name] as const),
      ]),
    [answer, rosters],
  );
  const words = useTargetWords(names);
  const options = targetsOf(answer, rosters).map((id) => ({ id, label: words(id) }));
  return { options, words };
}

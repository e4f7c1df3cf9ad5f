import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { Label, TextArea, TextField } from "react-aria-components";

import type { CrisisBreach, CrisisParty, CrisisText } from "../../api/crisis-types";
import { Notice } from "../../components/notice";
import { textIn } from "../../state/crisis/crisis";
import { useDesk } from "../desk/context";
import { BREACH_WORDS } from "../watch/words";

/** A text in the reader's language, or as it was written. */
export function Words({ texts }: { readonly texts: readonly CrisisText[] }) {
  const { i18n } = useCatalogue();
  const found = textIn(texts, i18n.locale);
  if (found === undefined) return null;
  return (
    <p className="crisis-words" dir="auto" lang={found.language}>
      {found.text}
    </p>
  );
}

/** What a party is called here. */
export function usePartyName(parties: readonly CrisisParty[]): (id: string) => string {
  const { t } = useLingui();
  const { self } = useDesk();
  return (id) => {
    const party = parties.find((each) => each.id === id);
    if (party?.is_ours === true) return self?.party.name ?? t`We`;
    return party?.name ?? id.slice(0, 8);
  };
}

/** One text that is being written, in the language of the page. */
export function Writing(props: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (text: string) => void;
  readonly testId?: string;
}) {
  return (
    <TextField className="field crisis-form" value={props.value} onChange={props.onChange}>
      <Label className="field-label">{props.label}</Label>
      <TextArea dir="auto" data-testid={props.testId} />
    </TextField>
  );
}

/** What is wrong about entries: shown, and without effect. */
export function Breaches(props: {
  readonly breaches: readonly CrisisBreach[];
  readonly parties: readonly CrisisParty[];
}) {
  const { _ } = useCatalogue();
  const { t } = useLingui();
  const nameOf = usePartyName(props.parties);
  if (props.breaches.length === 0) return null;
  return (
    <Notice tone="poor" icon="warning" title={t`Entries that count for nothing`}>
      <ul className="crisis-list">
        {props.breaches.map((each) => {
          const name = nameOf(each.author);
          const words = BREACH_WORDS[each.kind];
          return (
            <li key={`${each.hash}${each.what}`} className="small">
              <bdi>{name}</bdi>: {words === undefined ? each.kind : _(words)}{" "}
              <code>{each.what}</code> <code className="crisis-hash">{each.hash.slice(0, 12)}</code>
            </li>
          );
        })}
      </ul>
      <p className="small">
        <Trans>They are kept and proved. Nothing follows from them.</Trans>
      </p>
    </Notice>
  );
}

/** The language of the page, for what is written on it. */
export function useTexts(): (words: string) => readonly CrisisText[] {
  const { i18n } = useCatalogue();
  return (words) => [{ language: i18n.locale, text: words.trim() }];
}

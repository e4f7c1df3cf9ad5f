import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { Input, Label, SearchField } from "react-aria-components";

import type { RecordSpace } from "../../api/record-types";
import type { PartyId } from "../../api/types";
import { Button } from "../../components/button";
import { Choice, Toggle } from "../../components/choice";
import { KIND_WORDS } from "./words";

/** What of the record is shown. */
export interface Filter {
  readonly party: PartyId | null;
  readonly kind: number | null;
  readonly thread: string | null;
  readonly is_set_aside: boolean;
  /** Looked for in what is loaded. */
  readonly search: string;
}

/** Everything. */
export const NO_FILTER: Filter = {
  party: null,
  kind: null,
  thread: null,
  is_set_aside: false,
  search: "",
};
const ANY = "any";

/** Narrows what is shown: by party, kind, thread, words. */
export function Filters(props: {
  readonly space: RecordSpace;
  readonly filter: Filter;
  readonly kinds: readonly (readonly [number, string])[];
  readonly onChange: (filter: Filter) => void;
}) {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  const { filter, onChange } = props;
  const kindWord = (kind: number, name: string) => {
    const words = KIND_WORDS[name];
    return words === undefined ? t`Kind ${kind}` : _(words);
  };
  return (
    <search className="filters" aria-label={t`What is shown`}>
      <SearchField
        className="field"
        value={filter.search}
        onChange={(search) => onChange({ ...filter, search })}
      >
        <Label className="field-label">
          <Trans>Words</Trans>
        </Label>
        <Input className="field-input" placeholder={t`in what is loaded`} />
      </SearchField>
      <Choice
        label={t`Party`}
        value={filter.party ?? ANY}
        options={[
          { id: ANY, label: t`All parties` },
          ...props.space.members.map(({ id, name }) => ({ id, label: name })),
        ]}
        onChange={(id) => onChange({ ...filter, party: id === ANY ? null : (id as PartyId) })}
      />
      <Choice
        label={t`Kind`}
        value={filter.kind === null ? ANY : String(filter.kind)}
        options={[
          { id: ANY, label: t`All kinds` },
          ...props.kinds.map(([kind, name]) => ({ id: String(kind), label: kindWord(kind, name) })),
        ]}
        onChange={(id) => onChange({ ...filter, kind: id === ANY ? null : Number(id) })}
      />
      <Toggle
        isOn={filter.is_set_aside}
        onChange={(is_set_aside) => onChange({ ...filter, is_set_aside })}
      >
        <Trans>Only what was set aside</Trans>
      </Toggle>
      {filter !== NO_FILTER && (
        <Button weight="quiet" icon="close" onPress={() => onChange(NO_FILTER)}>
          {t`Show everything`}
        </Button>
      )}
    </search>
  );
}

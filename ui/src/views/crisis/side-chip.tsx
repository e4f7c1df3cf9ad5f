import { useLingui as useCatalogue } from "@lingui/react";

import type { CrisisParty, CrisisSide } from "../../api/crisis-types";
import { Chip, type Tone } from "../../components/chip";
import { usePartyName, Words } from "./parts";
import { SIDE_WORDS } from "./words";

const TONES: Readonly<Record<CrisisSide["state"], Tone>> = {
  not_open: "unknown",
  open: "poor",
  closed: "good",
};

/** Whose side it is and where it stands. */
export function SideChip(props: {
  readonly side: CrisisSide;
  readonly parties: readonly CrisisParty[];
}) {
  const { _ } = useCatalogue();
  const nameOf = usePartyName(props.parties);
  return (
    <Chip tone={TONES[props.side.state]}>
      {`\u2068${nameOf(props.side.party)}\u2069: ${_(SIDE_WORDS[props.side.state])}`}
    </Chip>
  );
}

/** Whose side it is, where it stands, and what that side calls it. */
export function SideLine(props: {
  readonly side: CrisisSide;
  readonly parties: readonly CrisisParty[];
}) {
  return (
    <div className="crisis-side-line">
      <SideChip side={props.side} parties={props.parties} />
      <Words texts={props.side.title} />
    </div>
  );
}

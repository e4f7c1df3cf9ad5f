import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";

import type { Hop } from "../../api/types";
import { Button } from "../../components/button";
import { Chip, type Tone } from "../../components/chip";
import { Icon, type IconName } from "../../components/icon";
import { Sheet } from "../../components/sheet";
import { useNow } from "../../components/now";
import { useFormat } from "../../i18n/format";
import {
  type CallLevel,
  callLevel,
  hopsByPlace,
  type Place,
  PLACES,
} from "../../state/room/quality";
import { useAttendance } from "../attendance";
import { CALL_WORDS, LEVEL_WORDS, PLACE_WORDS } from "../words";
import { WithheldList } from "./withheld";

const DRAWINGS: Readonly<Record<Place, IconName>> = {
  my_device: "device",
  my_node: "node",
  line: "line",
  their_node: "node",
  their_device: "device",
};

const TONES: Readonly<Record<CallLevel, Tone>> = {
  full: "good",
  reduced: "fair",
  small: "fair",
  audio_only: "poor",
  no_pictures: "unknown",
  alone: "unknown",
  cut: "cut",
  unknown: "unknown",
};

/** Levels that say how things are, and worry nobody. */
const QUIET: ReadonlySet<CallLevel> = new Set(["no_pictures", "alone"]);

/** Without a word from the node for this long, its measurements prove nothing. */
const PROOF_MS = 3_000;

/** The call in one word, and the five places between two people; all of it in a sheet. */
export function QualityStrip() {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  const [isOpen, setOpen] = useState(false);
  const { places, level } = useQuality();
  return (
    <div className="quality">
      <span className="quality-call" data-level={level}>
        <Chip tone={TONES[level]} {...(QUIET.has(level) ? { icon: "person" } : {})}>
          {_(CALL_WORDS[level])}
        </Chip>
      </span>
      <HopList places={places} />
      <Button weight="quiet" icon="line" isIconOnly onPress={() => setOpen(true)}>
        {t`Quality, hop by hop`}
      </Button>
      <Sheet title={t`Quality, hop by hop`} isOpen={isOpen} onClose={() => setOpen(false)}>
        <HopTable places={places} />
        <WithheldList />
        <div className="sheet-acts">
          <Button onPress={() => setOpen(false)}>{t`Close`}</Button>
        </div>
      </Sheet>
    </div>
  );
}

function useQuality() {
  const { hops, report, heard_at, standing, video, roster } = useAttendance();
  const now = useNow();
  const isHeard = heard_at !== null && now - heard_at < PROOF_MS;
  const isWhole = standing.state === "live" && isHeard;
  const places = hopsByPlace(hops, report, isHeard);
  const isBefore = standing.state === "ready" || standing.state === "joining";
  if (isBefore) return { places, level: "unknown" as const };
  return { places, level: callLevel({ roster, video, lines: hops?.line ?? [], isWhole }) };
}

function HopList({ places }: { readonly places: Readonly<Record<Place, Hop>> }) {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  const format = useFormat();
  return (
    <ol className="hops" aria-label={t`Quality from my device to theirs`}>
      {PLACES.map((place) => {
        const hop = places[place];
        return (
          <li
            key={place}
            className={`hop hop-${hop.level}`}
            data-hop={place}
            data-level={hop.level}
          >
            <Icon name={DRAWINGS[place]} />
            <span className="hop-name">{_(PLACE_WORDS[place])}</span>
            <span className="hop-level">
              {_(LEVEL_WORDS[hop.level])}
              {hop.rtt_ms !== null && (
                <span className="figures hop-figure"> {format.milliseconds(hop.rtt_ms)}</span>
              )}
            </span>
          </li>
        );
      })}
    </ol>
  );
}

interface Row {
  readonly key: string;
  readonly name: string;
  readonly hop: Hop;
}

/** Every hop by itself: of several parties each line, node and device is named. */
function useRows(places: Readonly<Record<Place, Hop>>): readonly Row[] {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  const { hops, roster } = useAttendance();
  const one = (place: Place): readonly Row[] => [
    { key: place, name: _(PLACE_WORDS[place]), hop: places[place] },
  ];
  const party = (id: string | null) =>
    roster.find((each) => each.party.id === id)?.party.name ?? t`another party`;
  const person = (id: string | null) => roster.find((each) => each.id === id)?.name ?? t`somebody`;
  const lines = hops?.line.map((hop) => {
    const name = party(hop.party_id);
    return { key: `line ${name}`, name: t`Line to ${name}`, hop };
  });
  const nodes = hops?.their_nodes.map((hop) => {
    const name = party(hop.party_id);
    return { key: `node ${name}`, name: t`Node of ${name}`, hop };
  });
  const devices = hops?.their_devices.map((hop) => {
    const name = person(hop.participant_id);
    return { key: `device ${hop.participant_id}`, name: t`Device of ${name}`, hop };
  });
  // Places that were not heard of lately show that, not what was true of them before.
  const isProved = places.my_node.level !== "cut";
  const several = (rows: readonly Row[] | undefined, place: Place) =>
    isProved && rows !== undefined && rows.length > 0 ? rows : one(place);
  return [
    ...one("my_device"),
    ...one("my_node"),
    ...several(lines, "line"),
    ...several(nodes, "their_node"),
    ...several(devices, "their_device"),
  ];
}

function HopTable({ places }: { readonly places: Readonly<Record<Place, Hop>> }) {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  const format = useFormat();
  const rows = useRows(places);
  return (
    // Wider than a phone in some languages: it scrolls by itself, by keyboard too.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="scroll" role="region" tabIndex={0} aria-label={t`Quality, hop by hop`}>
      <table className="hop-table">
        <thead>
          <tr>
            <th scope="col">
              <Trans>Hop</Trans>
            </th>
            <th scope="col">
              <Trans>Level</Trans>
            </th>
            <th scope="col">
              <Trans>Round trip</Trans>
            </th>
            <th scope="col">
              <Trans>Loss</Trans>
            </th>
            <th scope="col">
              <Trans>Rate</Trans>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, name, hop }) => (
            <tr key={key}>
              <th scope="row">{name}</th>
              <td>
                <Chip tone={hop.level}>{_(LEVEL_WORDS[hop.level])}</Chip>
              </td>
              <td className="figures">
                {hop.rtt_ms === null ? "–" : format.milliseconds(hop.rtt_ms)}
              </td>
              <td className="figures">{hop.loss === null ? "–" : format.share(hop.loss)}</td>
              <td className="figures">{hop.rate_bps === null ? "–" : format.rate(hop.rate_bps)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

import { useQuery } from "@tanstack/react-query";
import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";

import type { Room } from "../../api/types";
import { Chip } from "../../components/chip";
import { useFormat } from "../../i18n/format";
import { bestPath, severity } from "../../state/desk/line";
import { levelOf } from "../../state/room/quality";
import { useTools } from "../attendance";
import { useDesk } from "../desk/context";
import { LEVEL_WORDS, LINE_WORDS } from "../words";
import { Part } from "./device-checks";

/** Enough for a median that one slow answer does not move. */
const SAMPLES = 5;

/** The way to one's own node, measured; and each line this room needs, as the node proves it. */
export function NetworkCheck({ room }: { readonly room: Room | null }) {
  const { t } = useLingui();
  return (
    <Part icon="node" title={t`Network`}>
      <ul className="check-hops">
        <OwnHop />
        {room?.parties.map((party) => (
          <LineHop key={party.id} party={party.id} />
        ))}
      </ul>
    </Part>
  );
}

function OwnHop() {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  const format = useFormat();
  const { measureRoundTrip } = useTools();
  const { data, isError } = useQuery({
    queryKey: ["round-trip"],
    queryFn: async () => median(measureRoundTrip),
    refetchInterval: 5_000,
    retry: false,
  });
  const level = levelOf(data ?? null, null);
  return (
    <li className="check-hop">
      <span>
        <Trans>You to your node</Trans>
      </span>
      {isError ? (
        <Chip tone="cut">{t`Your node does not answer`}</Chip>
      ) : (
        <Chip tone={level}>{_(LEVEL_WORDS[level])}</Chip>
      )}
      <span className="figures soft">{data === undefined ? "" : format.milliseconds(data)}</span>
    </li>
  );
}

function LineHop({ party }: { readonly party: string }) {
  const { _ } = useCatalogue();
  const format = useFormat();
  const { lines } = useDesk();
  const line = lines?.find((each) => each.party.id === party);
  if (line === undefined) return null;
  const best = bestPath(line.paths);
  const name = line.party.name;
  return (
    <li className="check-hop">
      <span>
        <Trans>Line to {name}</Trans>
      </span>
      <Chip tone={severity(line.state)}>{_(LINE_WORDS[line.state])}</Chip>
      <span className="figures soft">
        {best?.rtt_ms == null ? "" : format.milliseconds(best.rtt_ms)}
      </span>
    </li>
  );
}

async function median(measure: () => Promise<number>): Promise<number> {
  const samples: number[] = [];
  for (let taken = 0; taken < SAMPLES; taken += 1) {
    // One after the other: at once they would measure each other.
    // oxlint-disable-next-line no-await-in-loop
    samples.push(await measure());
  }
  return samples.toSorted((one, other) => one - other)[Math.floor(SAMPLES / 2)] ?? 0;
}

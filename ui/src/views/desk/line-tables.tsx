import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";

import type { Line, Path, PathState } from "../../api/types";
import { Chip, type Tone } from "../../components/chip";
import { useIsNarrow } from "../../components/narrow";
import { useFormat } from "../../i18n/format";
import { LANE_WORDS, PATH_WORDS } from "../words";
import { Age, Figure } from "./age";
import { useDesk } from "./context";

const TONES: Readonly<Record<PathState, Tone>> = {
  up: "good",
  suspect: "poor",
  down: "cut",
  cold: "unknown",
};

/** Every network path of a line, with what was measured on it. */
export function Paths({ line }: { readonly line: Line }) {
  const { t } = useLingui();
  const party = line.party.name;
  if (useIsNarrow()) {
    return (
      <ul className="paths" aria-label={t`Paths to ${party}`}>
        {line.paths.map((path) => (
          <PathFacts key={`${path.name} ${path.carrier}`} path={path} />
        ))}
      </ul>
    );
  }
  return (
    <div
      className="scroll"
      role="region"
      // Wider than a phone: whoever has no mouse scrolls it with the arrow keys.
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      aria-label={t`Paths to ${party}`}
    >
      <table className="figures-table">
        <thead>
          <tr>
            <th scope="col">
              <Trans>Path</Trans>
            </th>
            <th scope="col">
              <Trans>State</Trans>
            </th>
            <th scope="col" className="end">
              <Trans>Round trip</Trans>
            </th>
            <th scope="col" className="end">
              <Trans>Loss in</Trans>
            </th>
            <th scope="col" className="end">
              <Trans>Loss out</Trans>
            </th>
            <th scope="col" className="end">
              <Trans>Rate</Trans>
            </th>
            <th scope="col" className="end">
              <Trans>Last proof</Trans>
            </th>
          </tr>
        </thead>
        <tbody>
          {line.paths.map((path) => (
            <PathRow key={`${path.name} ${path.carrier}`} path={path} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A path on a phone: name above value, nothing to be scrolled to the side. */
function PathFacts({ path }: { readonly path: Path }) {
  const { t } = useLingui();
  const format = useFormat();
  const facts: readonly (readonly [string, string | null])[] = [
    [t`Round trip`, path.rtt_ms === null ? null : format.milliseconds(path.rtt_ms)],
    [t`Loss in`, path.loss_in === null ? null : format.share(path.loss_in)],
    [t`Loss out`, path.loss_out === null ? null : format.share(path.loss_out)],
    [t`Rate`, path.rate_bps === null ? null : format.rate(path.rate_bps)],
  ];
  return (
    <li className="path" data-state={path.state}>
      <p className="path-head">
        <strong>{path.name}</strong>
        <span className="soft">{path.carrier.toUpperCase()}</span>
        <PathState path={path} />
      </p>
      <Narrow path={path} />
      <dl className="path-facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <Figure value={value} />
            </dd>
          </div>
        ))}
        <div>
          <dt>{t`Last proof`}</dt>
          <dd>
            <Age at={path.last_proof_at} />
          </dd>
        </div>
      </dl>
    </li>
  );
}

/** Why a path does not come up on which everything seems lost, if the way there said so. */
function Narrow({ path }: { readonly path: Path }) {
  if (path.narrow_mtu === null) return null;
  return (
    <p className="small" data-testid="narrow">
      <Trans>This path carries no packets of 1,200 bytes</Trans>
    </p>
  );
}

function PathState({ path }: { readonly path: Path }) {
  const { _ } = useCatalogue();
  const { t } = useLingui();
  const { contact } = useDesk();
  const state = _(PATH_WORDS[path.state]);
  if (contact === "live") return <Chip tone={TONES[path.state]}>{state}</Chip>;
  return <Chip tone="unknown">{t`${state}, not proved now`}</Chip>;
}

function PathRow({ path }: { readonly path: Path }) {
  const format = useFormat();
  return (
    <tr data-state={path.state}>
      <th scope="row">
        {path.name} <span className="soft carrier">{path.carrier.toUpperCase()}</span>
        <Narrow path={path} />
      </th>
      <td>
        <PathState path={path} />
      </td>
      <td className="end">
        <Figure value={path.rtt_ms === null ? null : format.milliseconds(path.rtt_ms)} />
      </td>
      <td className="end">
        <Figure value={path.loss_in === null ? null : format.share(path.loss_in)} />
      </td>
      <td className="end">
        <Figure value={path.loss_out === null ? null : format.share(path.loss_out)} />
      </td>
      <td className="end">
        <Figure value={path.rate_bps === null ? null : format.rate(path.rate_bps)} />
      </td>
      <td className="end">
        <Age at={path.last_proof_at} />
      </td>
    </tr>
  );
}

/** The six lanes in order of urgency: what each has carried and what waits in it. */
export function Lanes({ line }: { readonly line: Line }) {
  const { _ } = useCatalogue();
  const { t } = useLingui();
  const format = useFormat();
  const party = line.party.name;
  if (line.lanes.length === 0) return null;
  return (
    <ol className="lanes" aria-label={t`Lanes to ${party}, the most urgent first`}>
      {line.lanes.map(({ lane, bytes_sent, bytes_received, queued }) => {
        const name = LANE_WORDS[lane];
        const sent = format.bytes(bytes_sent);
        const received = format.bytes(bytes_received);
        const waiting = format.number(queued);
        return (
          <li key={lane} className="lane">
            <span className="lane-name">{name === undefined ? lane : _(name)}</span>
            <span className="figures small soft">
              <Trans>out {sent}</Trans>
            </span>
            <span className="figures small soft">
              <Trans>in {received}</Trans>
            </span>
            {queued > 0 && (
              <span className="figures small lane-waiting">
                <Trans>waiting {waiting}</Trans>
              </span>
            )}
          </li>
        );
      })}
    </ol>
  );
}

import { Trans } from "@lingui/react/macro";

import type { Withheld } from "../../api/types";
import { useAttendance } from "../attendance";

/** What is not shown and why: nothing is withheld in silence. */
export function WithheldList() {
  const { video, roster } = useAttendance();
  const withheld = video.flatMap((slot) => {
    const owner = roster.find((each) => each.tracks.some((track) => track.id === slot.track));
    if (owner === undefined || slot.withheld === null || slot.withheld === "muted") return [];
    const { slot: key, layer, withheld: reason } = slot;
    return [{ key, name: owner.name, reason, isShown: layer !== null }];
  });
  if (withheld.length === 0) {
    return (
      <p className="soft">
        <Trans>Nothing is withheld.</Trans>
      </p>
    );
  }
  return (
    <ul className="withheld">
      {withheld.map(({ key, ...each }) => (
        <li key={key}>
          <Why {...each} />
        </li>
      ))}
    </ul>
  );
}

function Why(props: {
  readonly name: string;
  readonly reason: Exclude<Withheld, "muted">;
  readonly isShown: boolean;
}) {
  const { name, reason, isShown } = props;
  if (reason === "paused")
    return <Trans>The picture of {name} is paused: nobody looked at it.</Trans>;
  if (reason === "rate") {
    return isShown ? (
      <Trans>The picture of {name} is reduced: the line is too slow for a better one.</Trans>
    ) : (
      <Trans>
        The picture of {name} is withheld: the line is too slow for it. Sound goes first.
      </Trans>
    );
  }
  return isShown ? (
    <Trans>
      The picture of {name} is reduced: your connection to your node is too slow for a better one.
    </Trans>
  ) : (
    <Trans>
      The picture of {name} is withheld: your connection to your node is too slow for it. Sound goes
      first.
    </Trans>
  );
}

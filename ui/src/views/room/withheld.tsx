import { Trans } from "@lingui/react/macro";

import { useAttendance } from "../attendance";

/** What is not shown and why: nothing is withheld in silence. */
export function WithheldList() {
  const { video, roster } = useAttendance();
  const withheld = video.flatMap((slot) => {
    const owner = roster.find((each) => each.tracks.some((track) => track.id === slot.track));
    if (owner === undefined || slot.withheld === null || slot.withheld === "muted") return [];
    return [{ key: slot.slot, name: owner.name, reason: slot.withheld }];
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
      {withheld.map(({ key, name, reason }) => (
        <li key={key}>
          {reason === "rate" ? (
            <Trans>
              The picture of {name} is withheld: the line is too slow for it. Sound goes first.
            </Trans>
          ) : (
            <Trans>The picture of {name} is paused: nobody looked at it.</Trans>
          )}
        </li>
      ))}
    </ul>
  );
}

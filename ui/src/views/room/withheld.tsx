import { Trans } from "@lingui/react/macro";

import { useAttendance } from "../attendance";

/** What is not shown and why: nothing is withheld in silence. */
export function WithheldList() {
  const { video, roster } = useAttendance();
  const withheld = video.flatMap((slot) => {
    const owner = roster.find((each) => each.tracks.some((track) => track.id === slot.track));
    if (owner === undefined || slot.withheld === null || slot.withheld === "muted") return [];
    const reason = slot.layer === null ? slot.withheld : ("reduced" as const);
    return [{ key: slot.slot, name: owner.name, reason }];
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
          {reason === "reduced" && (
            <Trans>The picture of {name} is reduced: the line is too slow for a better one.</Trans>
          )}
          {reason === "rate" && (
            <Trans>
              The picture of {name} is withheld: the line is too slow for it. Sound goes first.
            </Trans>
          )}
          {reason === "paused" && (
            <Trans>The picture of {name} is paused: nobody looked at it.</Trans>
          )}
        </li>
      ))}
    </ul>
  );
}

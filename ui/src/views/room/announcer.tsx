import { Trans } from "@lingui/react/macro";
import { useEffect, useRef, useState } from "react";

import type { Participant } from "../../api/types";
import { type Announcement, changes } from "../../state/room/announcements";
import { useAttendance } from "../attendance";

/** Says aloud who came, went and shares; a cut is said by its own notice. */
export function Announcer() {
  const { roster } = useAttendance();
  const [latest, setLatest] = useState<readonly Announcement[]>([]);
  const before = useRef<readonly Participant[] | null>(null);
  useEffect(() => {
    if (roster.length === 0) return;
    const announcements = changes(before.current, roster);
    before.current = roster;
    if (announcements.length > 0) setLatest(announcements);
  }, [roster]);
  return (
    <div className="unseen" role="log" aria-live="polite" data-testid="announcements">
      {latest.map((each) => (
        <p key={`${each.is} ${each.name} ${each.party}`}>
          <Sentence announcement={each} />
        </p>
      ))}
    </div>
  );
}

function Sentence({ announcement }: { readonly announcement: Announcement }) {
  const { is, name, party } = announcement;
  switch (is) {
    case "came":
      return (
        <Trans>
          {name}, {party}, came in.
        </Trans>
      );
    case "went":
      return (
        <Trans>
          {name}, {party}, left.
        </Trans>
      );
    case "shares":
      return (
        <Trans>
          {name}, {party}, shares a screen.
        </Trans>
      );
    case "stopped_sharing":
      return (
        <Trans>
          {name}, {party}, stopped sharing.
        </Trans>
      );
  }
}

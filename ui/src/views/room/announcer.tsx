import { useLingui } from "@lingui/react/macro";
import { useEffect, useRef, useState } from "react";

import type { Participant } from "../../api/types";
import { type Announcement, changes } from "../../state/room/announcements";
import { useAttendance } from "../attendance";

/** Says aloud who came, went and shares; a cut is said by its own notice. */
export function Announcer() {
  const { roster, standing } = useAttendance();
  const [words, setWords] = useState<readonly string[]>([]);
  const before = useRef<readonly Participant[] | null>(null);
  const say = useSentence();
  const isLive = standing.state === "live";
  useEffect(() => {
    if (roster.length === 0) return;
    const sentences = changes(before.current, roster).map(say);
    before.current = roster;
    if (sentences.length > 0) setWords(sentences);
  }, [roster, say]);
  return (
    <div className="unseen" role="log" aria-live="polite" data-testid="announcements">
      {isLive && words.map((sentence) => <p key={sentence}>{sentence}</p>)}
    </div>
  );
}

function useSentence(): (announcement: Announcement) => string {
  const { t } = useLingui();
  const latest = useRef(t);
  latest.current = t;
  const say = useRef(({ is, name, party }: Announcement) => {
    const t = latest.current;
    switch (is) {
      case "came":
        return t`${name}, ${party}, came in.`;
      case "went":
        return t`${name}, ${party}, left.`;
      case "shares":
        return t`${name}, ${party}, shares a screen.`;
      case "stopped_sharing":
        return t`${name}, ${party}, stopped sharing.`;
    }
  });
  return say.current;
}

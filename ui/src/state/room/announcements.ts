/** What changed in a room, as sentences for whoever listens to the page instead of seeing it. */
import type { Participant } from "../../api/types";

/** One thing worth saying. */
export type Announcement =
  | { readonly is: "came" | "went"; readonly name: string; readonly party: string }
  | { readonly is: "shares" | "stopped_sharing"; readonly name: string; readonly party: string };

/** What to say when one roster follows another; the first roster of a call says nothing. */
export function changes(
  before: readonly Participant[] | null,
  after: readonly Participant[],
): readonly Announcement[] {
  if (before === null) return [];
  const earlier = new Map(before.map((participant) => [participant.id, participant]));
  const later = new Set(after.map((participant) => participant.id));
  const of = (is: Announcement["is"], each: Participant): Announcement => ({
    is,
    name: each.name,
    party: each.party.name,
  });
  const others = after.filter((participant) => !participant.is_self);
  return [
    ...before
      .filter((each) => !each.is_self && !later.has(each.id))
      .map((each) => of("went", each)),
    ...others.filter((each) => !earlier.has(each.id)).map((each) => of("came", each)),
    ...others.flatMap((each) => {
      const was = isSharing(earlier.get(each.id));
      const is = isSharing(each);
      return was === is ? [] : [of(is ? "shares" : "stopped_sharing", each)];
    }),
  ];
}

function isSharing(participant: Participant | undefined): boolean {
  return participant?.tracks.some((track) => track.kind === "screen" && !track.muted) ?? false;
}

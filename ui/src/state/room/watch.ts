/**
 * Which tracks to ask the relay for, and in which slot.
 *
 * Only what is on the screen is asked for, at the height it is shown: what nobody sees must not
 * cross the border. A track keeps its slot while it is wanted, because a move costs a key frame.
 */
import type { TrackId, WatchWish } from "../../api/types";

/** A picture on the screen: its track and the height of its tile in device pixels. */
export interface Shown {
  readonly track: TrackId;
  readonly height: number;
}

/** Heights are rounded up to this: a window dragged wider must not send a wish per pixel. */
const STEP_PX = 90;
/** More than any camera sends. */
const HEIGHT_MAX_PX = 2_160;

/** The full set of wishes for `shown`, in order of importance, keeping slots from `before`. */
export function wishes(
  shown: readonly Shown[],
  before: readonly WatchWish[],
  slots: number,
): readonly WatchWish[] {
  const wanted = tallest(shown).slice(0, slots);
  const kept = new Map(
    before.filter((wish) => wish.slot < slots).map((wish) => [wish.track, wish.slot]),
  );
  const taken = new Set(wanted.flatMap(([track]) => kept.get(track) ?? []));
  const free = Array.from({ length: slots }, (_, slot) => slot).filter((slot) => !taken.has(slot));
  return wanted
    .map(([track, height]) => ({
      slot: kept.get(track) ?? free.shift() ?? 0,
      track,
      height: rounded(height),
    }))
    .toSorted((one, other) => one.slot - other.slot);
}

/** One height per track, the tallest tile that shows it, in the order first named. */
function tallest(shown: readonly Shown[]): readonly (readonly [TrackId, number])[] {
  const heights = new Map<TrackId, number>();
  for (const { track, height } of shown) {
    heights.set(track, Math.max(heights.get(track) ?? 0, height));
  }
  return [...heights];
}

function rounded(height: number): number {
  return Math.min(HEIGHT_MAX_PX, Math.max(STEP_PX, Math.ceil(height / STEP_PX) * STEP_PX));
}

/** How many columns make the tiles of a grid largest. */

/** Faces and screens are wide; a tile is laid out as 16 to 9. */
const ASPECT = 16 / 9;

/** Columns for `count` tiles in a place of `width` by `height` with gaps of `gap`, all in pixels. */
export function columns(count: number, width: number, height: number, gap: number): number {
  let best = 1;
  let widest = 0;
  for (let across = 1; across <= Math.max(1, count); across += 1) {
    const down = Math.ceil(count / across);
    const byWidth = (width - gap * (across - 1)) / across;
    const byHeight = ((height - gap * (down - 1)) / down) * ASPECT;
    const tile = Math.min(byWidth, byHeight);
    if (tile > widest + 0.5) {
      widest = tile;
      best = across;
    }
  }
  return best;
}

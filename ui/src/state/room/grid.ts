/** How a grid is laid out so that its tiles are largest. */

/** Faces and screens are wide; tiles are compared as 16 to 9. */
const ASPECT = 16 / 9;
/** A tile higher than this, for its width, would cut off the sides of a face's picture. */
const HEIGHT_SHARE_MAX = 3 / 4;
/** Lower tiles hide a face behind its name; more than fit are scrolled to. */
const HEIGHT_MIN_PX = 96;

/** Columns, and the height of a tile in pixels. */
export interface Grid {
  readonly columns: number;
  readonly height: number;
}

/** The grid of `count` tiles in a place of `width` by `height` with gaps of `gap`, in pixels. */
export function grid(count: number, width: number, height: number, gap: number): Grid {
  const across = columns(count, width, height, gap);
  const down = Math.ceil(count / across);
  const byWidth = ((width - gap * (across - 1)) / across) * HEIGHT_SHARE_MAX;
  const byHeight = (height - gap * (down - 1)) / down;
  return {
    columns: across,
    height: Math.max(HEIGHT_MIN_PX, Math.floor(Math.min(byWidth, byHeight))),
  };
}

function columns(count: number, width: number, height: number, gap: number): number {
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

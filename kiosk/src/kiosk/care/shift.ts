/** Time at each place. */
export const shiftEveryMs = 180_000;

/** Places per side of the square. */
const side = 5;
const last = side * side - 1;

export interface Offset {
  readonly x: number;
  readonly y: number;
}

/**
 * Offset of the page in units: row by row over a small square and back the same way, one unit at a
 * time, so that no move looks like a jump and no line stays on the same pixels.
 *
 * @param ms since the page was opened
 */
export function offsetAt(ms: number): Offset {
  const step = Math.floor(ms / shiftEveryMs) + last / 2;
  const turn = step % (2 * last);
  const place = turn <= last ? turn : 2 * last - turn;
  const row = Math.floor(place / side);
  const column = row % 2 === 0 ? place % side : side - 1 - (place % side);
  const middle = (side - 1) / 2;
  return { x: column - middle, y: row - middle };
}

/** A unit in whole pixels, larger on larger screens, where lines are wider. @param rem in pixels */
export function unitOf(rem: number): number {
  return Math.max(1, Math.round(0.06 * rem));
}

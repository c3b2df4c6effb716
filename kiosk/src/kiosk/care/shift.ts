/** Each place is kept for this long. */
export const shiftEveryMs = 180_000;

/** Places a side. */
const side = 5;
const last = side * side - 1;

export interface Offset {
  readonly x: number;
  readonly y: number;
}

/**
 * Where the page stands, in units around its own place: row by row over a small square and back the same way, one unit at a
 * time, so that a move is never seen as a jump and no line stays on the same pixels.
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

/** A unit in whole pixels: lines are as much wider on larger screens. @param rem in pixels */
export function unitOf(rem: number): number {
  return Math.max(1, Math.round(0.06 * rem));
}

import type { Point } from '../core/types.ts';

/**
 * A similarity transform of the plane: rotation, scale and translation. x' = a x - b y + x0, y' = b x + a y + y0.
 * hypot(a, b) is its scale, and atan2(b, a) its rotation from x towards y.
 */
export interface Similarity {
  readonly a: number;
  readonly b: number;
  readonly x0: number;
  readonly y0: number;
}

/**
 * The similarity that maps `from` closest to `to`, by least squares over the pairs (Umeyama 1991, "Least-squares
 * estimation of transformation parameters between two point patterns"). In the plane and without mirroring, his
 * singular value decomposition reduces to one complex division.
 *
 * @param from at least two different points
 * @param to as many points
 */
export function fitSimilarity(from: readonly Point[], to: readonly Point[]): Similarity {
  const here = centroid(from);
  const there = centroid(to);
  let along = 0;
  let across = 0;
  let spread = 0;
  for (const [index, point] of from.entries()) {
    const p = minus(point, here);
    const q = minus(to[index]!, there);
    along += p.x * q.x + p.y * q.y;
    across += p.x * q.y - p.y * q.x;
    spread += p.x ** 2 + p.y ** 2;
  }
  const [a, b] = [along / spread, across / spread];
  return { a, b, x0: there.x - a * here.x + b * here.y, y0: there.y - b * here.x - a * here.y };
}

export function applySimilarity({ a, b, x0, y0 }: Similarity, { x, y }: Point): Point {
  return { x: a * x - b * y + x0, y: b * x + a * y + y0 };
}

function centroid(points: readonly Point[]): Point {
  const sum = points.reduce((total, { x, y }) => ({ x: total.x + x, y: total.y + y }), { x: 0, y: 0 });
  return { x: sum.x / points.length, y: sum.y / points.length };
}

function minus(a: Point, b: Point): Point {
  return { x: a.x - b.x, y: a.y - b.y };
}

/** The q-quantile (0..1) of unsorted values, by nearest rank; NaN of none. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

/** The middle value, or the mean of the two in the middle; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = Math.floor(sorted.length / 2);
  const [a, b] = [sorted[sorted.length - 1 - upper], sorted[upper]];
  return a === undefined || b === undefined ? Number.NaN : (a + b) / 2;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A straight line through points, with the 95 % confidence interval of its slope. */
export interface Trend {
  readonly slope: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Least squares over the means of `blocks` stretches of consecutive points. Memory goes up and down with the garbage
 * collector, so neighbouring samples say almost the same thing twice; taken one by one they would make the interval several
 * times too narrow (batch means, Law & Kelton, "Simulation Modeling and Analysis").
 *
 * @param points in the order of x; fewer than three blocks' worth have no trend
 */
export function trendOf(points: readonly Point[], blocks = 20): Trend | undefined {
  const used = blockMeans(points, blocks);
  const n = used.length;
  if (n < 3) return undefined;
  const centreX = mean(used.map(({ x }) => x));
  const centreY = mean(used.map(({ y }) => y));
  const spread = used.reduce((sum, { x }) => sum + (x - centreX) ** 2, 0);
  const slope = used.reduce((sum, { x, y }) => sum + (x - centreX) * (y - centreY), 0) / spread;
  const residual = used.reduce((sum, { x, y }) => sum + (y - centreY - slope * (x - centreX)) ** 2, 0);
  const reach = studentQuantile(n - 2) * Math.sqrt(residual / (n - 2) / spread);
  return { slope, low: slope - reach, high: slope + reach };
}

function blockMeans(points: readonly Point[], blocks: number): Point[] {
  const size = Math.max(1, Math.ceil(points.length / blocks));
  return Array.from({ length: Math.ceil(points.length / size) }, (_, block) => {
    const members = points.slice(block * size, (block + 1) * size);
    return { x: mean(members.map(({ x }) => x)), y: mean(members.map(({ y }) => y)) };
  });
}

/**
 * The 97.5 % quantile of Student's t: exact for 1 and 2 degrees of freedom, from there on the series of Abramowitz & Stegun
 * (26.7.5), within 1 %.
 */
export function studentQuantile(degrees: number): number {
  if (degrees === 1) return 12.706;
  if (degrees === 2) return 4.303;
  const z = 1.959964;
  return (
    z +
    (z ** 3 + z) / (4 * degrees) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degrees ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * degrees ** 3)
  );
}

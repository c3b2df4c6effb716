/** Rounds to the four decimals that probabilities and shares are stored and sent with. */
export function fourDecimals(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}

/** The same value, with at most four decimals in each number of it. */
export function roundedNumbers<T>(value: T): T {
  return mapNumbers(value, fourDecimals) as T;
}

/** The same value with each number in it, at any depth, passed through `round`. */
export function mapNumbers(value: unknown, round: (number: number) => number): unknown {
  if (typeof value === 'number') return round(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((part) => mapNumbers(part, round));
  // A loop: Object.fromEntries takes twice as long, and rows of the log come by the thousand.
  const mapped: Record<string, unknown> = {};
  for (const [key, part] of Object.entries(value)) mapped[key] = mapNumbers(part, round);
  return mapped;
}

/** Rounds to the four decimals that probabilities and shares are stored and sent with. */
export function fourDecimals(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}

/**
 * A font for a canvas of uPlot, in whole pixels: uPlot multiplies them by the pixel ratio of the screen, and of
 * "12.8px" it would multiply the 8.
 */
export function canvasFont(px: number, family = 'Roboto, sans-serif'): string {
  return `${Math.round(px)}px ${family}`;
}

/**
 * A font for a canvas that uPlot draws on. In whole pixels: uPlot multiplies them by the pixel ratio of the screen, and of
 * "12.8px" it would take the 8.
 */
export function canvasFont(px: number, family = 'Roboto, sans-serif'): string {
  return `${Math.round(px)}px ${family}`;
}

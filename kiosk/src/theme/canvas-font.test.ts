import { expect, test } from 'vitest';
import { canvasFont } from './canvas-font.ts';

/** uPlot 1.6 sets its fonts this way. */
const scaled = (font: string, ratio: number) =>
  font.replace(/(\d+)px/, (_found, px: string) => `${Math.round(Number(px) * ratio)}px`);

test('letters of a chart are twice as many pixels high at a pixel ratio of two', () => {
  expect(scaled(canvasFont(12.8), 1)).toBe('13px Roboto, sans-serif');
  expect(scaled(canvasFont(12.8), 2)).toBe('26px Roboto, sans-serif');
});

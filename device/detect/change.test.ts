import { expect, test } from 'vitest';
import { numbersFrom } from '../core/seeded-numbers.ts';
import { ChangeMeter } from './change.ts';

const grid = { columns: 64, rows: 48 };
const cells = grid.columns * grid.rows;

/** A picture of this brightness with some texture, and noise of about this standard deviation. */
function picture(brightness: number, noise = 0, next: () => number = () => 0.5): Uint8Array {
  return Uint8Array.from({ length: cells }, (_, cell) => {
    const normal = (next() + next() + next() + next() - 2) * Math.sqrt(3);
    return Math.round(brightness + (cell % 7) * 5 + noise * normal);
  });
}

/** The picture with one rectangle brighter by `by`. */
function lit(before: Uint8Array, by: number, { x, y, width, height } = { x: 10, y: 10, width: 2, height: 2 }) {
  return before.map((value, cell) => {
    const column = cell % grid.columns;
    const row = Math.floor(cell / grid.columns);
    const isInside = column >= x && column < x + width && row >= y && row < y + height;
    return isInside ? value + by : value;
  });
}

function remembering(cellsThen: Uint8Array): ChangeMeter {
  const meter = new ChangeMeter(grid);
  meter.remember(cellsThen);
  return meter;
}

test('without a reference everything is a change', () => {
  expect(new ChangeMeter(grid).hasChanged(picture(90), [])).toBe(true);
});

test('an equal picture is no change; a small different part is', () => {
  const meter = remembering(picture(90));
  expect(meter.hasChanged(picture(90), [])).toBe(false);
  expect(meter.hasChanged(lit(picture(90), 12), [])).toBe(true);
  expect(meter.hasChanged(lit(picture(90), -12), [])).toBe(true);
  expect(meter.hasChanged(lit(picture(90), 4), [])).toBe(false);
});

test('a single changed cell is no change', () => {
  const speck = lit(picture(90), 100, { x: 20, y: 20, width: 2, height: 1 });
  expect(remembering(picture(90)).hasChanged(speck, [])).toBe(false);
});

test.each([-60, -15, 15, 60])('a change of exposure by %i levels is no change and hides none', (by) => {
  const meter = remembering(picture(90));
  expect(meter.hasChanged(picture(90 + by), [])).toBe(false);
  expect(meter.hasChanged(lit(picture(90 + by), 12), [])).toBe(true);
});

test.each([0.5, 1, 2, 3])('noise of %f levels is estimated and ignored; a person is a change', (noise) => {
  const next = numbersFrom(7);
  const meter = remembering(picture(90, noise, next));
  let alarms = 0;
  for (let frame = 0; frame < 1000; frame++) {
    // The noise estimate settles in the first frames.
    if (meter.hasChanged(picture(90, noise, next), []) && frame > 60) alarms += 1;
  }
  expect(alarms).toBe(0);
  expect(meter.hasChanged(lit(picture(90, noise, next), 40), [])).toBe(true);
});

test('slow changes below the threshold add up until they count', () => {
  const meter = remembering(picture(90));
  const levels = Array.from({ length: 20 }, (_, step) => step);
  const noticed = levels.find((by) => meter.hasChanged(lit(picture(90), by), []));
  expect(noticed).toBe(7);
});

test('changes inside the ignored boxes are left out, also in boxes beyond the edge', () => {
  const meter = remembering(picture(90));
  const moved = lit(picture(90), 50, { x: 0, y: 40, width: 6, height: 8 });
  expect(meter.hasChanged(moved, [])).toBe(true);
  expect(meter.hasChanged(moved, [{ x: -5, y: 39.5, width: 11, height: 60 }])).toBe(false);
  expect(meter.hasChanged(moved, [{ x: 2, y: 39.5, width: 11, height: 60 }])).toBe(true);
  expect(meter.hasChanged(moved, [{ x: -99, y: -99, width: 999, height: 999 }])).toBe(false);
  // Ignored for this comparison only.
  expect(meter.hasChanged(moved, [])).toBe(true);
});

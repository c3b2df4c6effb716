import { describe, expect, test } from 'vitest';
import { type CareSettings, isDimmed, nightHoldMs } from './dim.ts';
import { offsetAt, shiftEveryMs, unitOf } from './shift.ts';

const settings: CareSettings = { pixelShift: true, dimAfterMinutes: 0, night: '', nightBrightness: 0.3 };
const at = (time: string) => new Date(`2026-05-05T${time}:00`);
const hour = 3_600_000;

describe('dimming', () => {
  test('starts after the configured minutes without a face; never if that is 0', () => {
    const patient = { ...settings, dimAfterMinutes: 10 };
    expect(isDimmed(patient, 10 * 60_000 - 1, at('12:00'))).toBe(false);
    expect(isDimmed(patient, 10 * 60_000, at('12:00'))).toBe(true);
    expect(isDimmed(settings, 1000 * hour, at('12:00'))).toBe(false);
  });

  test.each([
    ['22:00-06:00', '21:59', false],
    ['22:00-06:00', '22:00', true],
    ['22:00-06:00', '03:00', true],
    ['22:00-06:00', '06:00', false],
    ['00:30-07:15', '00:29', false],
    ['00:30-07:15', '07:14', true],
    ['00:30-07:15', '12:00', false],
    ['', '03:00', false],
  ])('night %j, time %s: %s', (night, time, expected) => {
    expect(isDimmed({ ...settings, night }, nightHoldMs, at(time))).toBe(expected);
  });

  test('never starts at night while a face is in view, or was a moment ago', () => {
    expect(isDimmed({ ...settings, night: '22:00-06:00' }, nightHoldMs - 1, at('03:00'))).toBe(false);
  });
});

describe('moving', () => {
  const places = Array.from({ length: 60 }, (_, step) => offsetAt(step * shiftEveryMs));

  test('starts in the middle, moves one unit at a time, and stays within two units', () => {
    expect(places[0]).toEqual({ x: 0, y: 0 });
    expect(offsetAt(shiftEveryMs - 1)).toEqual(places[0]);
    for (const [at, { x, y }] of places.entries()) {
      expect(Math.max(Math.abs(x), Math.abs(y))).toBeLessThanOrEqual(2);
      const next = places[at + 1];
      if (next) expect(Math.abs(next.x - x) + Math.abs(next.y - y)).toBe(1);
    }
  });

  test('visits every place of the square', () => {
    expect(new Set(places.map(({ x, y }) => `${x} ${y}`)).size).toBe(25);
  });

  test('uses whole pixels, more of them on a larger screen', () => {
    expect([9, 16, 36, 72].map(unitOf)).toEqual([1, 1, 2, 4]);
  });
});

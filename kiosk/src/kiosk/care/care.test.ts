import { describe, expect, test } from 'vitest';
import { type CareSettings, lightOf, nightHoldMs } from './dim.ts';
import { offsetAt, shiftEveryMs, unitOf } from './shift.ts';

const settings: CareSettings = {
  ...{ pixelShift: true, dimAfterMinutes: 0, offAfterMinutes: 0 },
  ...{ night: '', nightBrightness: 0.3, offAtNight: false },
};
const at = (time: string) => new Date(`2026-05-05T${time}:00`);
const minute = 60_000;
const hour = 60 * minute;

/** Brightness of a page with live pictures. */
const lightAt = (change: Partial<CareSettings>, idleMs: number, time: Date) =>
  lightOf({ ...settings, ...change }, { idleMs, time, isLive: true });

describe('dimming', () => {
  test('starts after the configured minutes without a face; never if that is 0', () => {
    expect(lightAt({ dimAfterMinutes: 10 }, 10 * minute - 1, at('12:00'))).toBe('full');
    expect(lightAt({ dimAfterMinutes: 10 }, 10 * minute, at('12:00'))).toBe('dimmed');
    expect(lightAt({}, 1000 * hour, at('12:00'))).toBe('full');
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
    expect(lightAt({ night }, nightHoldMs, at(time))).toBe(expected ? 'dimmed' : 'full');
    expect(lightAt({ night, offAtNight: true }, nightHoldMs, at(time))).toBe(expected ? 'off' : 'full');
  });

  test('never starts at night while a face is in view, or was a moment ago', () => {
    const night = { night: '22:00-06:00', offAtNight: true };
    expect(lightAt(night, nightHoldMs - 1, at('03:00'))).toBe('full');
  });
});

describe('off', () => {
  const patient = { dimAfterMinutes: 10, offAfterMinutes: 60 };

  test('comes after dimming, once nobody was there for long enough', () => {
    expect(lightAt(patient, 60 * minute - 1, at('12:00'))).toBe('dimmed');
    expect(lightAt(patient, 60 * minute, at('12:00'))).toBe('off');
  });

  test('is not for a page without live pictures, which sees nobody; in night hours it is', () => {
    const blind = { idleMs: 2 * hour, isLive: false };
    expect(lightOf({ ...settings, ...patient }, { ...blind, time: at('12:00') })).toBe('dimmed');
    const night = { night: '22:00-06:00', offAtNight: true };
    expect(lightOf({ ...settings, ...night }, { ...blind, time: at('03:00') })).toBe('off');
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

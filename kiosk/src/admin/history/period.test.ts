import { describe, expect, test } from 'vitest';
import { dayOf, type Filter, rangeOf } from './period.ts';

const noon = new Date(2026, 2, 29, 12).getTime();
const filter: Filter = { period: 'today', from: '', to: '', bucket: 'hour', label: '' };

describe('the period', () => {
  test.each([
    ['today', new Date(2026, 2, 29)],
    ['week', new Date(2026, 2, 23)],
    ['month', new Date(2026, 1, 28)],
  ] as const)('%s begins at a midnight and ends with today', (period, from) => {
    expect(rangeOf({ ...filter, period }, noon)).toEqual({
      from: from.getTime(),
      to: new Date(2026, 2, 30).getTime(),
    });
  });

  test('of one custom day is that day', () => {
    expect(rangeOf({ ...filter, period: 'own', from: '2026-01-31', to: '2026-01-31' }, noon)).toEqual({
      from: new Date(2026, 0, 31).getTime(),
      to: new Date(2026, 1, 1).getTime(),
    });
  });

  test.each([
    ['2026-02-01', '2026-01-31'],
    ['', '2026-01-31'],
    ['2026-01-31', ''],
  ])('from %j to %j is invalid', (from, to) => {
    expect(rangeOf({ ...filter, period: 'own', from, to }, noon)).toBeUndefined();
  });

  test('days begin and end in the time zone of this browser', () => {
    expect(dayOf(noon)).toBe('2026-03-29');
  });
});

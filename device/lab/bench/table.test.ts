import { expect, test } from 'vitest';
import { table } from './table.ts';

test('columns as wide as their widest cell, whole numbers as such, what could not be measured as a dash', () => {
  const rows = [
    { run: 'short', 'frames/s': 123.456, faces: 8 },
    { run: 'a longer name', 'frames/s': 9.876, faces: Number.NaN },
  ];
  expect(table('Runs', rows).split('\n')).toEqual([
    '',
    'Runs',
    'run            frames/s  faces',
    '-------------  --------  -----',
    'short          123       8',
    'a longer name  9.88      -',
    '',
  ]);
});

test('nothing measured is a title without rows', () => {
  expect(table('Runs', [])).toBe('\nRuns\n\n\n');
});

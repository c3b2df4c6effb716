import { expect, test } from 'vitest';
import { table } from './table.ts';

test('columns fit their widest cell, whole numbers have no decimals, missing values are dashes', () => {
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

test('a table without rows has only its title', () => {
  expect(table('Runs', [])).toBe('\nRuns\n\n\n');
});

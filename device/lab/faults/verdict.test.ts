import { expect, test } from 'vitest';
import { type Identity, isClean, judge } from './verdict.ts';

const record = (seq: number, change: Partial<Identity> = {}): Identity => {
  const { kind = 'visit' } = change;
  const id = kind === 'visit' ? `b-${seq}` : `b-m${seq}`;
  return { kind, device: 'dev', id, bootId: 'b', seq, ts: seq * 1000, ...change };
};
const rows = [record(1), record(2), record(3), record(1, { kind: 'minute' })];

test('everything arrived, one twice: clean, the copy is counted', () => {
  const verdict = judge(rows, [rows[0]!, rows[1]!, rows[3]!, rows[1]!, rows[2]!]);
  expect(verdict).toMatchObject({ visits: 3, minutes: 1, messages: 5, copies: 1 });
  expect(isClean(verdict)).toBe(true);
});

test.each([
  ['a lost minute', rows.slice(0, 3), { lost: ['b-m1'] }],
  ['an id that no database has', [...rows, record(9)], { foreign: ['b-9'] }],
  ['the same id of another device', [...rows, record(1, { device: 'other' })], { foreign: ['b-1'] }],
  ['a copy with another number', [...rows, record(2, { seq: 7 })], { changed: ['b-2'] }],
  ['a copy of another time', [...rows, record(2, { ts: 1 })], { changed: ['b-2'] }],
  ['a later visit first', [rows[1]!, rows[0]!, rows[2]!, rows[3]!], { misordered: ['b-1'] }],
])('%s is found', (_name, received, found) => {
  const verdict = judge(rows, received);
  expect(verdict).toMatchObject(found);
  expect(isClean(verdict)).toBe(false);
});

test('two ids with one number are found, also where both are in the database', () => {
  const twins = [record(1), record(1, { id: 'b-1x' })];
  expect(isClean(judge(twins, twins))).toBe(false);
});

import { expect, test } from 'vitest';
import { happyShareOf, labelCounts } from './labels.ts';

test.each([
  [{}, null],
  [{ uncertain: 7 }, null],
  [{ happy: 0, sad: 0, uncertain: 7 }, null],
  [{ neutral: 3 }, 0],
  [{ happy: 2 }, 1],
  [{ happy: 1, neutral: 2, uncertain: 97 }, 0.3333],
])('the share of happy in %o, without those that have no name, is %s', (counts, share) => {
  expect(happyShareOf(counts)).toBe(share);
});

test('labels are counted by face', () => {
  expect(labelCounts([])).toEqual({});
  expect(labelCounts([{ label: 'happy' }, { label: 'uncertain' }, { label: 'happy' }])).toEqual({
    happy: 2,
    uncertain: 1,
  });
});

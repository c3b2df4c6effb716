import { expect, test } from 'vitest';
import { dominantOf, happyShareOf, labelCounts } from './labels.ts';

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

test.each([
  [{}, undefined],
  [{ uncertain: 7, happy: 0 }, undefined],
  [
    { uncertain: 97, happy: 1, neutral: 3 },
    { label: 'neutral', share: 0.75 },
  ],
  [
    { surprise: 2, angry: 2, happy: 1 },
    { label: 'angry', share: 0.4 },
  ],
])('the most frequent label in %o, without those that have no name, is %o', (counts, expected) => {
  expect(dominantOf(counts)).toEqual(expected);
});

test('labels are counted by face', () => {
  expect(labelCounts([])).toEqual({});
  expect(labelCounts([{ label: 'happy' }, { label: 'uncertain' }, { label: 'happy' }])).toEqual({
    happy: 2,
    uncertain: 1,
  });
});

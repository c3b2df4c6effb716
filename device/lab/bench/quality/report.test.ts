import { expect, test } from 'vitest';
import { clipRows, faultLines, qualityTargets, ranges, trackRows } from './report.ts';

const agreement = (found: number, missed: number, wrong: number) => ({
  found,
  missed,
  wrong,
  missedIn: missed ? [0, 1, 5] : [],
  wrongIn: wrong ? [7] : [],
});
const clip = (name: string, live: ReturnType<typeof agreement>) => ({
  clip: name,
  width: 640,
  height: 480,
  frames: 77,
  tracks: [],
  visits: 0,
  switches: 0,
  live,
  decided: agreement(live.found + live.missed, 0, live.wrong),
});
const results = [clip('again', agreement(96, 4, 0)), clip('party', agreement(198, 2, 6))];

test('the last row pools the faces of all clips, not the shares', () => {
  expect(clipRows(results).at(-1)).toMatchObject({ clip: 'all', faces: 300, recall: '0.980', precision: '0.980' });
  expect(clipRows(results)[1]).toMatchObject({
    clip: 'party',
    expected: '',
    recall: '0.990',
    'recall, decided': '1.000',
  });
});

test('only clips with known facts have targets of their own', () => {
  const targets = qualityTargets(results);
  expect(targets.filter(({ what }) => what.startsWith('again'))).toMatchObject([
    { measured: 0, limit: { exactly: 1 } },
    { measured: 0, limit: { exactly: 0 } },
  ]);
  expect(targets.some(({ what }) => what.startsWith('party'))).toBe(false);
});

test('frames with errors are listed as ranges', () => {
  expect(ranges([0, 1, 2, 5, 7, 8])).toBe('0-2, 5, 7-8');
  expect(faultLines(results)).toEqual(['again: missed in 0-1, 5', 'party: missed in 0-1, 5', 'party: wrong in 7']);
});

test('each label of a track has its first frame, and uncertain has its reason', () => {
  const labels = [
    { label: 'uncertain', reason: 'turned', from: 3 },
    { label: 'neutral', from: 9 },
  ] as const;
  const track = { track: 1, firstFrame: 3, lastFrame: 20, frames: 18, height: 60, labelChangesPerMinute: 0, labels };
  expect(trackRows({ ...results[0]!, tracks: [track] })[0]).toMatchObject({
    labels: 'uncertain (turned) 3, neutral 9',
  });
});

import { expect, test } from 'vitest';
import { TrackStories } from './tracks.ts';

test('spans, heights and label changes of each track, by the time of the recording', () => {
  const stories = new TrackStories();
  const labels = ['uncertain', 'neutral', 'neutral', 'happy', 'neutral'];
  for (const [index, label] of labels.entries()) {
    const other = index === 3 ? [{ track: 2, label: 'sad', height: 24 }] : [];
    stories.add(10 + index, index * 10, [{ track: 1, label, height: 50 + index }, ...other]);
  }
  expect(stories.summaries()).toEqual([
    {
      track: 1,
      firstFrame: 10,
      lastFrame: 14,
      frames: 5,
      height: 52,
      // Two changes in 40 s. The first label after `uncertain` does not count.
      labelChangesPerMinute: 3,
      labels: [
        { label: 'uncertain', from: 10 },
        { label: 'neutral', from: 11 },
        { label: 'happy', from: 13 },
        { label: 'neutral', from: 14 },
      ],
    },
    {
      track: 2,
      firstFrame: 13,
      lastFrame: 13,
      frames: 1,
      height: 24,
      labelChangesPerMinute: Number.NaN,
      labels: [{ label: 'sad', from: 13 }],
    },
  ]);
});

test('a new reason for uncertain is listed, but is no label change', () => {
  const stories = new TrackStories();
  const shown = [
    { reason: 'turned' },
    { reason: 'dark' },
    { reason: 'dark' },
    { label: 'happy' },
    { reason: 'dark' },
  ] as const;
  for (const [index, each] of shown.entries()) {
    stories.add(index, index * 15, [{ track: 1, height: 50, label: 'uncertain', ...each }]);
  }
  expect(stories.summaries()[0]).toMatchObject({
    labelChangesPerMinute: 1,
    labels: [
      { label: 'uncertain', reason: 'turned', from: 0 },
      { label: 'uncertain', reason: 'dark', from: 1 },
      { label: 'happy', from: 3 },
      { label: 'uncertain', reason: 'dark', from: 4 },
    ],
  });
});

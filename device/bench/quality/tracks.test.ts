import { expect, test } from 'vitest';
import { TrackStories } from './tracks.ts';

test('spans, heights and label changes of each track, by the time of the recording', () => {
  const stories = new TrackStories();
  const labels = ['neutral', 'neutral', 'happy', 'neutral'];
  for (const [index, label] of labels.entries()) {
    const other = index === 2 ? [{ track: 2, label: 'sad', height: 24 }] : [];
    stories.add(10 + index, index * 10, [{ track: 1, label, height: 50 + index }, ...other]);
  }
  expect(stories.summaries()).toEqual([
    {
      track: 1,
      firstFrame: 10,
      lastFrame: 13,
      frames: 4,
      height: 51.5,
      // Two changes in 30 s.
      labelChangesPerMinute: 4,
      labels: [
        { label: 'neutral', from: 10 },
        { label: 'happy', from: 12 },
        { label: 'neutral', from: 13 },
      ],
    },
    {
      track: 2,
      firstFrame: 12,
      lastFrame: 12,
      frames: 1,
      height: 24,
      labelChangesPerMinute: Number.NaN,
      labels: [{ label: 'sad', from: 12 }],
    },
  ]);
});

import { expect, test } from 'vitest';
import { overall, takeTurns } from './turns.ts';

const pass = (seconds: number) => ({ frames: 100, faces: 50, seconds, cpuSeconds: 2 * seconds });

test('contestants take turns, the first pass warms up, the median counts', async () => {
  const order: string[] = [];
  const player = (name: string, seconds: readonly number[]) => {
    const left = [...seconds];
    return {
      name,
      play: async () => {
        order.push(name);
        return pass(left.shift()!);
      },
    };
  };
  const standings = await takeTurns([player('a', [99, 1, 30, 2]), player('b', [99, 10, 20, 15])], 'clip', 3);
  expect(order).toEqual(['a', 'b', 'a', 'b', 'a', 'b', 'a', 'b']);
  expect(standings).toEqual([
    { contestant: 'a', frames: 100, framesPerSecond: 50, cpuMsPerFrame: 40, faces: 0.5 },
    { contestant: 'b', frames: 100, framesPerSecond: 100 / 15, cpuMsPerFrame: 300, faces: 0.5 },
  ]);
});

test('over all clips, each clip is weighted by its time', () => {
  const standing = (frames: number, framesPerSecond: number) => ({
    contestant: 'a',
    frames,
    framesPerSecond,
    cpuMsPerFrame: 1000 / framesPerSecond,
    faces: frames / 100,
  });
  const { frames, framesPerSecond, cpuMsPerFrame, faces } = overall([standing(100, 100), standing(300, 50)]);
  expect(frames).toBe(400);
  expect(framesPerSecond).toBeCloseTo(400 / 7, 9);
  expect(cpuMsPerFrame).toBeCloseTo(17.5, 9);
  expect(faces).toBeCloseTo(2.5, 9);
});

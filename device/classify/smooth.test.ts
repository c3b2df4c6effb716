import { describe, expect, test } from 'vitest';
import type { AbstentionLimits, CropObservation } from './abstention.ts';
import { mostProbable, Smoother } from './smooth.ts';

const happy = { probabilities: { happy: 0.9, sad: 0.1 } };
const sad = { probabilities: { happy: 0.1, sad: 0.9 } };

const logOdds = ({ happy, sad }: Readonly<Record<string, number>>) => Math.log(happy! / sad!);

/** The result `atMs` for a person who was happy for long and turns sad at 0, at `fps` frames a second. */
function turning(atMs: number, fps: number, timeConstantMs = 400) {
  const smoother = new Smoother({ timeConstantMs });
  for (let frame = -5 * fps; frame <= 0; frame++) smoother.update(1, happy, (frame * 1000) / fps);
  let shown = smoother.update(1, happy, 0);
  for (let frame = 1; frame <= (atMs * fps) / 1000; frame++) shown = smoother.update(1, sad, (frame * 1000) / fps);
  return shown;
}

test('logits are averaged with the time constant at any frame rate', () => {
  for (const atMs of [100, 400, 1000]) {
    const kept = Math.exp(-atMs / 400);
    const expected = kept * Math.log(9) + (1 - kept) * Math.log(1 / 9);
    for (const fps of [10, 30]) expect(logOdds(turning(atMs, fps).probabilities)).toBeCloseTo(expected, 4);
  }
});

test('the first frame is shown unchanged, and the sum stays 1', () => {
  const smoother = new Smoother({ timeConstantMs: 400 });
  expect(smoother.update(1, happy, 5000)).toEqual({ label: 'happy', probability: 0.9, ...happy });
  const { probabilities } = smoother.update(1, sad, 5033);
  expect(probabilities.happy! + probabilities.sad!).toBeCloseTo(1, 10);
});

test('the first frame weighs no more than the second', () => {
  const smoother = new Smoother({ timeConstantMs: 400 });
  smoother.update(1, happy, 0);
  // Equally far to both sides, except for the 33 ms by which the first is older.
  expect(Math.abs(logOdds(smoother.update(1, sad, 33).probabilities))).toBeLessThan(0.1);
  expect(logOdds(smoother.update(1, sad, 67).probabilities)).toBeLessThan(-0.5);
});

test('frames of the same time have equal weight', () => {
  const smoother = new Smoother({ timeConstantMs: 400 });
  smoother.update(1, happy, 0);
  expect(logOdds(smoother.update(1, sad, 0).probabilities)).toBeCloseTo(0, 10);
});

test('without a time constant each frame is independent', () => {
  const smoother = new Smoother({ timeConstantMs: 0 });
  const surely = { probabilities: { happy: 1, sad: 0 } };
  smoother.update(1, sad, 0);
  expect(smoother.update(1, surely, 1)).toEqual({ label: 'happy', probability: 1, ...surely });
});

test('overconfident frames fade within 700 ms too', () => {
  const smoother = new Smoother({ timeConstantMs: 350 });
  for (let at = 0; at <= 4000; at += 100) smoother.update(1, { probabilities: { happy: 1, sad: 0 } }, at);
  const shown = [4100, 4200, 4300, 4400, 4500, 4600].map((at) => smoother.update(1, sad, at));
  expect(shown.at(-1)!.label).toBe('sad');
  expect(shown.every(({ probabilities }) => Number.isFinite(logOdds(probabilities)))).toBe(true);
});

test.each([1, 0.5, 0.1])('at %d frames a second one frame changes no label, two equal ones do', (fps) => {
  const smoother = new Smoother({ timeConstantMs: 350 });
  const label = (frame: number, seen: CropObservation) => smoother.update(1, seen, (frame * 1000) / fps).label;
  for (let frame = 0; frame < 5; frame++) expect(label(frame, happy)).toBe('happy');
  expect([label(5, sad), label(6, happy), label(7, happy), label(8, happy)]).toEqual(Array(4).fill('happy'));
  label(9, sad);
  expect(label(10, sad)).toBe('sad');
});

test('near a tie the label stays; a clear lead changes it', () => {
  const smoother = new Smoother({ timeConstantMs: 0 });
  const shown = [0.52, 0.4, 0.52, 0.39, 0.38, 0.6, 0.62].map(
    (share, frame) => smoother.update(1, { probabilities: { happy: share, sad: 1 - share } }, frame).label,
  );
  expect(shown).toEqual(['happy', 'happy', 'happy', 'happy', 'sad', 'sad', 'happy']);
});

describe.each([10, 30])('a face whose expression changes, at %d frames a second', (fps) => {
  /** The default of `track.smoothingMs`. */
  const timeConstantMs = 350;

  test('is followed within 700 ms', () => {
    expect(turning(700 - 1000 / fps, fps, timeConstantMs).label).toBe('sad');
    expect(turning(100, fps, timeConstantMs).label).toBe('happy');
  });

  test('is followed within 700 ms from a broad smile to a faint sadness', () => {
    const smoother = new Smoother({ timeConstantMs, limits: { below: 0.35 } });
    const smile = { probabilities: { happy: 0.97, sad: 0.01, neutral: 0.02 } };
    const faint = { probabilities: { happy: 0.12, sad: 0.6, neutral: 0.28 } };
    for (let frame = 0; frame < 3 * fps; frame++) smoother.update(1, smile, (frame * 1000) / fps);
    const labels = Array.from(
      { length: Math.floor(0.7 * fps) },
      (_, frame) => smoother.update(1, faint, 3000 + (frame * 1000) / fps).label,
    );
    expect(labels[0]).toBe('happy');
    expect(labels.at(-1)).toBe('sad');
    expect(new Set(labels)).toEqual(new Set(['happy', 'sad']));
  });

  test('changes no label while the network alternates between two', () => {
    const smoother = new Smoother({ timeConstantMs });
    const labels = Array.from({ length: 60 * fps }, (_, frame) => {
      // Every third frame shows the other label: unsmoothed labels would change 40 times in 60.
      const share = frame % 3 === 2 ? 0.3 : 0.6;
      return smoother.update(1, { probabilities: { happy: share, sad: 1 - share } }, (frame * 1000) / fps).label;
    });
    expect(new Set(labels)).toEqual(new Set(['happy']));
  });
});

describe.each([10, 15, 30])('a face that is classified only when due, at %d frames a second', (fps) => {
  const timeConstantMs = 350;
  const frameMs = 1000 / fps;

  /** The result in each frame, and whether it was classified. */
  function watch(seconds: number, seenAt: (mono: number) => CropObservation, limits?: AbstentionLimits) {
    const smoother = new Smoother({ timeConstantMs, limits });
    return Array.from({ length: seconds * fps }, (_, frame) => {
      const mono = frame * frameMs;
      const isLook = smoother.isDue(1, mono);
      const shown = isLook ? smoother.update(1, seenAt(mono), mono) : smoother.repeat(1);
      return { mono, isLook, ...shown };
    });
  }

  test('is classified in every frame while new, and rarely once its expression is settled', () => {
    const frames = watch(5, () => happy);
    expect(frames.filter(({ mono }) => mono < 2 * timeConstantMs).every(({ isLook }) => isLook)).toBe(true);
    const late = frames.filter(({ mono }) => mono > 1000);
    const rate = late.filter(({ isLook }) => isLook).length / 4;
    expect(rate).toBeGreaterThanOrEqual(4.75);
    expect(rate).toBeLessThanOrEqual(7.75);
    expect(frames.every(({ probabilities }) => Math.abs(probabilities.happy! - 0.9) < 1e-9)).toBe(true);
  });

  test('is followed within 700 ms, wherever between two classifications it changes', () => {
    for (let phase = 0; phase < 250; phase += 10) {
      const frames = watch(7, (mono) => (mono < 5000 + phase ? happy : sad));
      const follows = frames.find(({ label }) => label === 'sad')!.mono - 5000 - phase;
      expect(follows).toBeLessThanOrEqual(700);
      // The first classification does not count for all of the skipped time.
      expect(follows).toBeGreaterThan(250);
    }
  });

  test('is classified in every frame from the first different result on', () => {
    const frames = watch(6, (mono) => (mono < 5000 ? happy : sad));
    const first = frames.findIndex(({ mono, isLook }) => mono >= 5000 && isLook);
    const changed = frames.findIndex(({ label }) => label === 'sad');
    expect(frames.slice(first, changed + 1).every(({ isLook }) => isLook)).toBe(true);
  });

  test('keeps its label after a single different result', () => {
    let looks = 0;
    const frames = watch(20, (mono) => (mono > 1000 && ++looks % 4 === 0 ? sad : happy));
    expect(new Set(frames.map(({ label }) => label))).toEqual(new Set(['happy']));
  });

  test('is classified in every frame while it becomes uncertain', () => {
    const weak = { probabilities: { happy: 0.34, sad: 0.33, neutral: 0.33 } };
    const frames = watch(10, (mono) => (mono < 5000 ? happy : weak), { below: 0.6 });
    const first = frames.findIndex(({ label }) => label === 'uncertain');
    expect(first).toBeGreaterThan(0);
    expect(frames.slice(first - Math.ceil(fps / 5), first + 1).every(({ isLook }) => isLook)).toBe(true);
  });
});

test('independent frames are always due; a track without a result cannot be repeated', () => {
  const smoother = new Smoother({ timeConstantMs: 0 });
  expect(() => smoother.repeat(1)).toThrow('track 1 was never classified');
  for (let mono = 0; mono < 1000; mono += 33) {
    expect(smoother.isDue(1, mono)).toBe(true);
    smoother.update(1, happy, mono);
  }
});

test('a weak change takes longer than a clear one, and a change that reverts is none', () => {
  const changedAfter = (share: number) => {
    const smoother = new Smoother({ timeConstantMs: 350 });
    smoother.update(1, happy, 0);
    for (let at = 33; at < 10_000; at += 33) {
      const { label } = smoother.update(1, { probabilities: { happy: 1 - share, sad: share } }, at);
      if (label === 'sad') return at;
    }
    return undefined;
  };
  expect(changedAfter(0.9)).toBeLessThan(500);
  expect(changedAfter(0.7)).toBeGreaterThan(1000);
  expect(changedAfter(0.7)).toBeLessThan(2500);
  expect(changedAfter(0.6)).toBeUndefined();
});

test('a frame with a high reject probability changes no label; with a low one it does', () => {
  const labelAfter = (reject: number) => {
    const smoother = new Smoother({ timeConstantMs: 350 });
    for (let at = 0; at < 1000; at += 33) smoother.update(1, { ...happy, reject: 0.02 }, at);
    let label = '';
    for (let at = 1000; at < 2000; at += 33) label = smoother.update(1, { ...sad, reject }, at).label;
    return label;
  };
  expect(labelAfter(0.85)).toBe('happy');
  expect(labelAfter(0.1)).toBe('sad');
});

test('two tracks do not mix, and state ends with the track', () => {
  const smoother = new Smoother({ timeConstantMs: 400 });
  smoother.update(1, happy, 0);
  smoother.update(2, sad, 0);
  expect(smoother.update(2, sad, 33).probabilities.happy).toBeCloseTo(0.1, 10);
  smoother.keepOnly(new Set([2]));
  expect(smoother.update(1, sad, 66)).toEqual({ label: 'sad', probability: 0.9, ...sad });
  expect(smoother.update(2, happy, 66).probabilities.happy).toBeLessThan(0.5);
});

describe('mirroring', () => {
  const turns = (smoother: Smoother, tracks: readonly number[]) =>
    tracks.map((track, frame) => {
      const isMirrored = smoother.isMirrored(track);
      smoother.update(track, happy, frame * 33);
      return isMirrored;
    });

  test('applies to every other frame of a track, from its second on', () => {
    const smoother = new Smoother({ timeConstantMs: 400, mirror: true });
    expect(turns(smoother, [1, 1, 1, 1])).toEqual([false, true, false, true]);
    expect(turns(smoother, [2, 1, 2, 2])).toEqual([false, false, true, false]);
  });

  test('starts again with a new track', () => {
    const smoother = new Smoother({ timeConstantMs: 400, mirror: true });
    turns(smoother, [1]);
    smoother.keepOnly(new Set());
    expect(turns(smoother, [1])).toEqual([false]);
  });

  test('isMirrored has no side effect', () => {
    const smoother = new Smoother({ timeConstantMs: 400, mirror: true });
    turns(smoother, [1]);
    expect([smoother.isMirrored(1), smoother.isMirrored(1)]).toEqual([true, true]);
  });

  test.each([
    ['the time constant is 0', { timeConstantMs: 0, mirror: true }],
    ['the option is not set', { timeConstantMs: 400 }],
  ])('is off where %s', (_, options) => {
    expect(turns(new Smoother(options), [1, 1, 1])).toEqual([false, false, false]);
  });

  test('averages the results of a crop and its mirror image', () => {
    const smoother = new Smoother({ timeConstantMs: 350, mirror: true });
    let shown = smoother.update(1, happy, 0);
    for (let at = 33; at <= 3000; at += 33) {
      const seen = smoother.isMirrored(1) ? { probabilities: { happy: 0.3, sad: 0.7 } } : happy;
      shown = smoother.update(1, seen, at);
    }
    const middle = (Math.log(9) + Math.log(3 / 7)) / 2;
    expect(Math.abs(logOdds(shown.probabilities) - middle)).toBeLessThan(0.1);
  });
});

test('mostProbable names the largest, the first of equals', () => {
  expect(mostProbable({ angry: 0.2, happy: 0.5, sad: 0.3 })).toBe('happy');
  expect(mostProbable({ angry: 0.4, happy: 0.4, sad: 0.2 })).toBe('angry');
});

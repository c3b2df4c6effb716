import { describe, expect, test } from 'vitest';
import { numbersFrom } from '../lab/fixtures/numbers.ts';
import { modelsDir } from '../lab/fixtures/shared.ts';
import { type AbstentionLimits, abstentionLimits, type CropObservation, hasLimits } from './abstention.ts';
import { readCard } from './card.ts';
import { mostProbable, Smoother } from './smooth.ts';

const happy = { probabilities: { happy: 0.9, sad: 0.1 } };
const sad = { probabilities: { happy: 0.1, sad: 0.9 } };

const logOdds = ({ happy, sad }: Readonly<Record<string, number>>) => Math.log(happy! / sad!);

/** Somebody who has been happy for long and turns sad at 0, seen `fps` times a second: what is shown `atMs`. */
function turning(atMs: number, fps: number, timeConstantMs = 400) {
  const smoother = new Smoother({ timeConstantMs });
  for (let frame = -5 * fps; frame <= 0; frame++) smoother.update(1, happy, (frame * 1000) / fps);
  let shown = smoother.update(1, happy, 0);
  for (let frame = 1; frame <= (atMs * fps) / 1000; frame++) shown = smoother.update(1, sad, (frame * 1000) / fps);
  return shown;
}

test('logits are averaged: evidence fades with the time constant, whatever the frame rate', () => {
  for (const atMs of [100, 400, 1000]) {
    const kept = Math.exp(-atMs / 400);
    const expected = kept * Math.log(9) + (1 - kept) * Math.log(1 / 9);
    for (const fps of [10, 30]) expect(logOdds(turning(atMs, fps).probabilities)).toBeCloseTo(expected, 4);
  }
});

test('the first frame is shown as it is, and the sum stays 1', () => {
  const smoother = new Smoother({ timeConstantMs: 400 });
  expect(smoother.update(1, happy, 5000)).toEqual({ label: 'happy', probability: 0.9, ...happy });
  const { probabilities } = smoother.update(1, sad, 5033);
  expect(probabilities.happy! + probabilities.sad!).toBeCloseTo(1, 10);
});

test('the first frame weighs no more than the second, and of three alike none decides', () => {
  const smoother = new Smoother({ timeConstantMs: 400 });
  smoother.update(1, happy, 0);
  // As far to one side as to the other, but for the 33 ms by which the first is older.
  expect(Math.abs(logOdds(smoother.update(1, sad, 33).probabilities))).toBeLessThan(0.1);
  expect(logOdds(smoother.update(1, sad, 67).probabilities)).toBeLessThan(-0.5);
});

test('frames of the same moment count alike', () => {
  const smoother = new Smoother({ timeConstantMs: 400 });
  smoother.update(1, happy, 0);
  expect(logOdds(smoother.update(1, sad, 0).probabilities)).toBeCloseTo(0, 10);
});

test('without a time constant each frame stands alone', () => {
  const smoother = new Smoother({ timeConstantMs: 0 });
  const surely = { probabilities: { happy: 1, sad: 0 } };
  smoother.update(1, sad, 0);
  expect(smoother.update(1, surely, 1)).toEqual({ label: 'happy', probability: 1, ...surely });
});

test('frames that are sure beyond all measure are forgotten within 700 ms too', () => {
  const smoother = new Smoother({ timeConstantMs: 350 });
  for (let at = 0; at <= 4000; at += 100) smoother.update(1, { probabilities: { happy: 1, sad: 0 } }, at);
  const shown = [4100, 4200, 4300, 4400, 4500, 4600].map((at) => smoother.update(1, sad, at));
  expect(shown.at(-1)!.label).toBe('sad');
  expect(shown.every(({ probabilities }) => Number.isFinite(logOdds(probabilities)))).toBe(true);
});

test.each([1, 0.5, 0.1])('at %d frames a second one frame changes no label, and two that agree do', (fps) => {
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

describe.each([10, 30])('somebody whose expression changes, at %d frames a second', (fps) => {
  /** Smoothing as it is configured unless somebody changes it. */
  const timeConstantMs = 350;

  test('is followed within 700 ms', () => {
    expect(turning(700 - 1000 / fps, fps, timeConstantMs).label).toBe('sad');
    expect(turning(100, fps, timeConstantMs).label).toBe('happy');
  });

  test('is followed within 700 ms also from a broad smile to a faint sadness', () => {
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

  test('changes no label while the network wavers between two', () => {
    const smoother = new Smoother({ timeConstantMs });
    const labels = Array.from({ length: 60 * fps }, (_, frame) => {
      // Every third frame says the other thing: what single frames would show changes 40 times in 60.
      const share = frame % 3 === 2 ? 0.3 : 0.6;
      return smoother.update(1, { probabilities: { happy: share, sad: 1 - share } }, (frame * 1000) / fps).label;
    });
    expect(new Set(labels)).toEqual(new Set(['happy']));
  });
});

describe.each([10, 15, 30])('a face that is looked at only when it is due, at %d frames a second', (fps) => {
  const timeConstantMs = 350;
  const frameMs = 1000 / fps;

  /** What is shown in each frame of so many seconds, and which of them were looked at. */
  function watch(seconds: number, seenAt: (mono: number) => CropObservation, limits?: AbstentionLimits) {
    const smoother = new Smoother({ timeConstantMs, limits });
    return Array.from({ length: seconds * fps }, (_, frame) => {
      const mono = frame * frameMs;
      const isLook = smoother.isDue(1, mono);
      const shown = isLook ? smoother.update(1, seenAt(mono), mono) : smoother.repeat(1);
      return { mono, isLook, ...shown };
    });
  }

  test('is looked at in every frame while it is new, and seldom once its expression holds still', () => {
    const frames = watch(5, () => happy);
    expect(frames.filter(({ mono }) => mono < 2 * timeConstantMs).every(({ isLook }) => isLook)).toBe(true);
    const late = frames.filter(({ mono }) => mono > 1000);
    const rate = late.filter(({ isLook }) => isLook).length / 4;
    expect(rate).toBeGreaterThanOrEqual(4.75);
    expect(rate).toBeLessThanOrEqual(7.75);
    expect(frames.every(({ probabilities }) => Math.abs(probabilities.happy! - 0.9) < 1e-9)).toBe(true);
  });

  test('is followed within 700 ms, whenever between two looks it changes', () => {
    for (let phase = 0; phase < 250; phase += 10) {
      const frames = watch(7, (mono) => (mono < 5000 + phase ? happy : sad));
      const follows = frames.find(({ label }) => label === 'sad')!.mono - 5000 - phase;
      expect(follows).toBeLessThanOrEqual(700);
      // The look that sees it first does not count for all the time that nobody looked.
      expect(follows).toBeGreaterThan(250);
    }
  });

  test('is looked at in every frame from the first look on that sees something else', () => {
    const frames = watch(6, (mono) => (mono < 5000 ? happy : sad));
    const first = frames.findIndex(({ mono, isLook }) => mono >= 5000 && isLook);
    const changed = frames.findIndex(({ label }) => label === 'sad');
    expect(frames.slice(first, changed + 1).every(({ isLook }) => isLook)).toBe(true);
  });

  test('keeps its label when one look sees something else', () => {
    let looks = 0;
    const frames = watch(20, (mono) => (mono > 1000 && ++looks % 4 === 0 ? sad : happy));
    expect(new Set(frames.map(({ label }) => label))).toEqual(new Set(['happy']));
  });

  test('is looked at in every frame while it is on its way to being uncertain', () => {
    const weak = { probabilities: { happy: 0.34, sad: 0.33, neutral: 0.33 } };
    const frames = watch(10, (mono) => (mono < 5000 ? happy : weak), { below: 0.6 });
    const first = frames.findIndex(({ label }) => label === 'uncertain');
    expect(first).toBeGreaterThan(0);
    expect(frames.slice(first - Math.ceil(fps / 5), first + 1).every(({ isLook }) => isLook)).toBe(true);
  });
});

test('where each frame stands alone, each is looked at; who was never looked at cannot be held', () => {
  const smoother = new Smoother({ timeConstantMs: 0 });
  expect(() => smoother.repeat(1)).toThrow('track 1 was never looked at');
  for (let mono = 0; mono < 1000; mono += 33) {
    expect(smoother.isDue(1, mono)).toBe(true);
    smoother.update(1, happy, mono);
  }
});

test('a weak change takes longer than a clear one, and one that takes itself back is none', () => {
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

test('a hand before the mouth, which the network half takes for no face, changes no label; without that it does', () => {
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

test('two people do not mix, and what was known of one goes with the track', () => {
  const smoother = new Smoother({ timeConstantMs: 400 });
  smoother.update(1, happy, 0);
  smoother.update(2, sad, 0);
  expect(smoother.update(2, sad, 33).probabilities.happy).toBeCloseTo(0.1, 10);
  smoother.keepOnly(new Set([2]));
  expect(smoother.update(1, sad, 66)).toEqual({ label: 'sad', probability: 0.9, ...sad });
  expect(smoother.update(2, happy, 66).probabilities.happy).toBeLessThan(0.5);
});

describe('the mirror', () => {
  const turns = (smoother: Smoother, tracks: readonly number[]) =>
    tracks.map((track, frame) => {
      const isMirrored = smoother.isMirrored(track);
      smoother.update(track, happy, frame * 33);
      return isMirrored;
    });

  test('every other frame of a track, from its second on', () => {
    const smoother = new Smoother({ timeConstantMs: 400, mirror: true });
    expect(turns(smoother, [1, 1, 1, 1])).toEqual([false, true, false, true]);
    expect(turns(smoother, [2, 1, 2, 2])).toEqual([false, false, true, false]);
  });

  test('starts anew with a new track', () => {
    const smoother = new Smoother({ timeConstantMs: 400, mirror: true });
    turns(smoother, [1]);
    smoother.keepOnly(new Set());
    expect(turns(smoother, [1])).toEqual([false]);
  });

  test('asking changes nothing', () => {
    const smoother = new Smoother({ timeConstantMs: 400, mirror: true });
    turns(smoother, [1]);
    expect([smoother.isMirrored(1), smoother.isMirrored(1)]).toEqual([true, true]);
  });

  test.each([
    ['no time is averaged over', { timeConstantMs: 0, mirror: true }],
    ['it is not wanted', { timeConstantMs: 400 }],
  ])('never where %s', (_, options) => {
    expect(turns(new Smoother(options), [1, 1, 1])).toEqual([false, false, false]);
  });

  test('what differs from its mirror image ends up in the middle of both', () => {
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

describe('uncertain', () => {
  /** A face whose most probable label is happy, this much. */
  const sure = (top: number, reject?: number) => ({
    probabilities: { happy: top, sad: (1 - top) * 0.6, neutral: (1 - top) * 0.4 },
    ...(reject !== undefined && { reject }),
  });
  const alone = (limits: { below?: number; reject?: number }) => new Smoother({ timeConstantMs: 0, limits });
  const labelsOf = (smoother: Smoother, frames: ReadonlyArray<ReturnType<typeof sure>>, ms = 1) =>
    frames.map((face, frame) => smoother.update(1, face, frame * ms).label);
  const u = 'uncertain';

  test('is a face of which no label is probable enough, until one clearly is', () => {
    const frames = [0.41, 0.39, 0.41, 0.48, 0.5, 0.41, 0.39].map((top) => sure(top));
    expect(labelsOf(alone({ below: 0.4 }), frames)).toEqual(['happy', u, u, u, 'happy', 'happy', u]);
  });

  test('is a face that the model rejects, until it clearly does not, whatever it shows', () => {
    const frames = [0.59, 0.61, 0.59, 0.52, 0.5, 0.59, 0.61].map((reject) => sure(0.99, reject));
    expect(labelsOf(alone({ reject: 0.6 }), frames)).toEqual(['happy', u, u, u, 'happy', 'happy', u]);
  });

  test('ends only clearly behind both limits', () => {
    const frames = [sure(0.9, 0.7), sure(0.42, 0.1), sure(0.9, 0.58), sure(0.9, 0.1)];
    expect(labelsOf(alone({ below: 0.4, reject: 0.6 }), frames)).toEqual([u, u, u, 'happy']);
  });

  test('ends also with limits close to the ends', () => {
    const strict = alone({ below: 0.98, reject: 0.02 });
    expect(labelsOf(strict, [sure(0.9, 0.5), sure(0.985, 0.005), sure(0.995, 0.005)])).toEqual([u, u, 'happy']);
  });

  test('follows what is smoothed, not single frames; probabilities stay as they are', () => {
    const smoother = new Smoother({ timeConstantMs: 400, limits: { reject: 0.5 } });
    for (let at = -4000; at <= 0; at += 100) smoother.update(1, sure(0.9, 0), at);
    expect(smoother.update(1, sure(0.9, 1), 100)).toEqual({
      label: 'happy',
      probability: expect.closeTo(0.9, 10),
      probabilities: expect.objectContaining({ happy: expect.closeTo(0.9, 10) }),
      reject: expect.closeTo(1 - Math.exp(-100 / 400), 4),
    });
  });

  test('a hand that passes over the face is none; one that stays is, after two time constants', () => {
    const smoother = new Smoother({ timeConstantMs: 350, limits: { below: 0.4, reject: 0.5 } });
    const clear = Array.from({ length: 20 }, () => sure(0.9, 0));
    const hand = (frames: number) => Array.from({ length: frames }, () => sure(0.3, 1));
    const passing = labelsOf(smoother, [...clear, ...hand(5), ...clear], 100);
    expect(new Set(passing)).toEqual(new Set(['happy']));
    const staying = labelsOf(
      new Smoother({ timeConstantMs: 350, limits: { reject: 0.5 } }),
      [...clear, ...hand(20)],
      100,
    );
    // Smoothed, the limit is crossed with the third frame of the hand; 700 ms later it has been for long enough.
    expect(staying.indexOf(u)).toBe(20 + 2 + 7);
    expect(new Set(staying.slice(29))).toEqual(new Set([u]));
  });

  test('a label that grows weak is kept half as long again as that of a face that is none', () => {
    const clear = Array.from({ length: 20 }, () => sure(0.9, 0));
    const lastsFor = (change: ReturnType<typeof sure>) =>
      labelsOf(
        new Smoother({ timeConstantMs: 10, limits: { below: 0.55, reject: 0.45 } }),
        [...clear, ...Array.from({ length: 60 }, () => change)],
        1,
      ).indexOf(u);
    // Both end 0.09 beyond their limit: one way back.
    const [none, weak] = [lastsFor(sure(0.9, 0.54)), lastsFor(sure(0.46, 0))];
    expect(none).toBeGreaterThan(20);
    expect(weak - none).toBeGreaterThanOrEqual(5);
    expect(labelsOf(alone({ below: 0.55 }), [sure(0.54)])).toEqual([u]);
  });

  test('who has just come must be clearer than who is known, and is named soon', () => {
    const shown = (shares: readonly number[]) =>
      labelsOf(
        new Smoother({ timeConstantMs: 350, limits: { below: 0.4 } }),
        shares.map((top) => sure(top)),
        33,
      );
    expect(shown([0.44])).toEqual([u]);
    expect(shown([0.45])).toEqual(['happy']);
    const clear = shown([0.42, ...Array.from({ length: 12 }, () => 0.9)]);
    expect(clear.indexOf('happy')).toBeLessThan(6);
    const faint = shown([0.42, ...Array.from({ length: 30 }, () => 0.51)]);
    expect(faint.indexOf('happy')).toBeGreaterThan(8);
  });

  test('a newcomer is named by all that was seen of it, not by its first frame', () => {
    const smoother = new Smoother({ timeConstantMs: 350, limits: { below: 0.5 } });
    const faces = [
      { happy: 0.4, sad: 0.3, neutral: 0.3 },
      ...Array.from({ length: 20 }, () => ({ happy: 0.1, sad: 0.8, neutral: 0.1 })),
    ];
    const labels = faces.map((probabilities, frame) => smoother.update(1, { probabilities }, frame * 33).label);
    expect(new Set(labels)).toEqual(new Set([u, 'sad']));
  });

  test('near the limit nothing flickers', () => {
    const smoother = new Smoother({ timeConstantMs: 350, limits: { below: 0.4 } });
    const next = numbersFrom(5);
    // Three seconds above the limit by little, three below it by little, in turns, and noise on top of that.
    const frames = Array.from({ length: 1800 }, (_, frame) =>
      sure(0.4 + (Math.floor(frame / 90) % 2 ? -0.02 : 0.03) + 0.1 * (next() - 0.5)),
    );
    const labels = labelsOf(smoother, frames, 33);
    expect(labels.filter((label, at) => at > 0 && label !== labels[at - 1]).length).toBeLessThan(6);
  });

  test('hides the label that is held, and gives it back', () => {
    const smoother = alone({ below: 0.4 });
    const close = (happyShare: number, sadShare: number) => ({
      probabilities: { happy: happyShare, sad: sadShare, neutral: 1 - happyShare - sadShare },
    });
    smoother.update(1, close(0.6, 0.2), 0);
    expect(smoother.update(1, close(0.35, 0.33), 1).label).toBe(u);
    // Sad leads, by less than what changes a label.
    expect(smoother.update(1, close(0.46, 0.5), 2).label).toBe('happy');
  });

  test('is never said without limits, and dies with the track', () => {
    expect(alone({}).update(1, sure(0.39, 0.99), 0).label).toBe('happy');
    const smoother = alone({ below: 0.4 });
    expect(smoother.update(1, sure(0.39), 0).label).toBe(u);
    smoother.keepOnly(new Set());
    expect(smoother.update(1, sure(0.41), 1).label).toBe('happy');
  });

  test('a card has limits of every kind, at its own for each sensitivity, or none', () => {
    const card = readCard(modelsDir, 'simple-cnn');
    const bare = { ...card, reject: undefined, covered: undefined, sensitivity: undefined, uncertain: {} };
    expect(abstentionLimits(bare, 'calm')).toEqual({});
    expect(hasLimits(abstentionLimits(bare, 'calm'))).toBe(false);
    const point = (below: number) => ({ offsets: {}, below });
    const limited = {
      ...bare,
      reject: { name: 'reject', threshold: 0.6 },
      covered: { name: 'covered', threshold: 0.7 },
      sensitivity: { calm: point(0.4), balanced: point(0.3), expressive: point(0.2) },
      uncertain: { small: { alone: 20, explains: 30 } },
    };
    const rest = { reject: 0.6, covered: 0.7, causes: { small: { alone: 20, explains: 30 } } };
    expect(abstentionLimits(limited, 'calm')).toEqual({ below: 0.4, ...rest });
    expect(abstentionLimits(limited, 'balanced')).toEqual({ below: 0.3, ...rest });
    expect(hasLimits({ below: 0.3 })).toBe(true);
  });
});

test('mostProbable names the largest, the first of equals', () => {
  expect(mostProbable({ angry: 0.2, happy: 0.5, sad: 0.3 })).toBe('happy');
  expect(mostProbable({ angry: 0.4, happy: 0.4, sad: 0.2 })).toBe('angry');
});

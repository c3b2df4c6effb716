/** Labels hold still on people whose expression does not change: minutes of them, from recordings of seconds. */
import { beforeAll, describe, expect, test } from 'vitest';
import { openSource } from '../camera/open.ts';
import { type AbstentionLimits, abstentionLimits, type CropObservation } from '../classify/abstention.ts';
import type { Classified } from '../classify/classifier.ts';
import { offsetsOf, withOffsets } from '../classify/sensitivity.ts';
import { Smoother } from '../classify/smooth.ts';
import { offline } from '../cli/options.ts';
import { configSchema } from '../config/schema.ts';
import { uncertain } from '../core/labels.ts';
import { clip, modelsDir, yunetDir } from '../lab/fixtures/shared.ts';
import { measureFace } from './crop-region.ts';
import { createPipeline } from './pipeline.ts';

const config = configSchema.parse({ classify: { precision: 'int8' } });

/** How often each recording is played, forwards and backwards in turns, so that nothing jumps. */
const turns = 20;

interface Sight {
  readonly t: number;
  readonly seen: CropObservation;
}

/** What the classifier says of each person in each frame, without any smoothing. */
async function sightsIn(file: string): Promise<{ people: Sight[][]; limits: AbstentionLimits }> {
  const pipeline = await createPipeline({
    ...config,
    modelsDir: yunetDir ?? modelsDir,
    detect: offline(config.detect),
  });
  const classify = pipeline.classifier.classify.bind(pipeline.classifier);
  const { card } = pipeline.classifier;
  const { sensitivity } = config.classify;
  const size = card.input.width * card.input.height;
  let answers: Classified[] = [];
  let shown = new Uint8Array();
  pipeline.classifier.classify = async (crops, count) => {
    answers = await classify(crops, count);
    shown = Uint8Array.from(crops);
    return answers;
  };
  const source = await openSource(file, { ...config.camera, loop: false, pace: 'max' });
  const { signal } = new AbortController();
  const people = new Map<number, Sight[]>();
  for (let frame = await source.read(signal); frame; frame = await source.read(signal)) {
    const t = frame.t * 1000;
    const sights = await pipeline.processAll(frame.mat, t);
    frame.mat.release();
    for (const [index, { track, face }] of sights.entries()) {
      if (track.id === undefined) continue;
      const known = people.get(track.id) ?? [];
      const probabilities = withOffsets(answers[index]!.probabilities, offsetsOf(card, sensitivity));
      const measures = measureFace(face, shown.subarray(index * size, (index + 1) * size), 'yunet', card);
      people.set(track.id, [...known, { t, seen: { ...answers[index]!, probabilities, measures } }]);
    }
  }
  source.close();
  return { people: [...people.values()], limits: abstentionLimits(card, sensitivity) };
}

interface Steadiness {
  readonly changes: number;
  readonly ms: number;
  readonly frames: number;
  /** In how many frames the network was asked. */
  readonly looks: number;
}

/**
 * The labels of a person who is seen back and forth; the first name that a newcomer is given is no change.
 *
 * @param sparing whether the face is looked at only when it is due
 */
function changesOf(sights: readonly Sight[], limits: AbstentionLimits, sparing: boolean): Steadiness {
  const smoother = new Smoother({ timeConstantMs: config.track.smoothingMs, limits });
  const frameMs = (sights.at(-1)!.t - sights[0]!.t) / (sights.length - 1);
  const labels: string[] = [];
  let looks = 0;
  for (let turn = 0; turn < turns; turn++) {
    const played = turn % 2 === 0 ? sights : sights.toReversed();
    for (const { seen } of played) {
      const mono = labels.length * frameMs;
      const isLook = !sparing || smoother.isDue(1, mono);
      if (isLook) looks += 1;
      labels.push((isLook ? smoother.update(1, seen, mono) : smoother.repeat(1)).label);
    }
  }
  const named = labels.slice(labels.findIndex((label) => label !== uncertain));
  const changes = named.filter((label, at) => at > 0 && label !== named[at - 1]).length;
  return { changes, ms: labels.length * frameMs, frames: labels.length, looks };
}

describe('labels change less than 6 times a minute on people whose expression does not', () => {
  const files = [
    'head-pose-face-detection-female.mp4',
    'bird.mkv',
    'sorry.mkv',
    'again.mkv',
    'face-demographics-walking-and-pause.mp4',
    'classroom.mp4',
  ].map(clip);
  const recordings: Awaited<ReturnType<typeof sightsIn>>[] = [];

  beforeAll(async () => {
    if (!files[0] || !yunetDir) return;
    for (const file of files) recordings.push(await sightsIn(file!));
  }, 120_000);

  test.for([
    { sparing: false, frames: 'every frame' },
    { sparing: true, frames: 'the frames in which it is due' },
  ])('looked at in $frames', ({ sparing }, { skip }) => {
    skip(!files[0], 'shared/clips is absent');
    skip(!yunetDir, 'YuNet is absent; get it with: mien models pull');
    const all = recordings.flatMap(({ people, limits }) => people.map((sights) => changesOf(sights, limits, sparing)));
    const total = (of: 'changes' | 'ms' | 'frames' | 'looks') => all.reduce((sum, each) => sum + each[of], 0);
    const minutes = total('ms') / 60_000;
    expect(all.length).toBe(11);
    expect(minutes).toBeGreaterThan(8);
    expect(total('changes') / minutes).toBeLessThan(6);
    if (sparing) expect(total('looks') / total('frames')).toBeLessThan(0.55);
  });
});

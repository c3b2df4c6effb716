import { describe, expect, test } from 'vitest';
import { createClassifier } from '../classify/classifier.ts';
import { configSchema } from '../config/schema.ts';
import type { Sensitivity } from '../core/labels.ts';
import { cv } from '../core/opencv.ts';
import type { Box } from '../core/types.ts';
import type { Detector } from '../detect/detector.ts';
import { scratchFolder } from '../lab/fixtures/scratch.ts';
import { writeTinyModel } from '../lab/fixtures/tiny-model.ts';
import { assemblePipeline, type Networks } from './pipeline.ts';

const scratch = scratchFolder();
const config = configSchema.parse({});
const frame = { width: 320, height: 240 };

/** A detector that always sees one face at this place. */
function seeing(box: Box): Detector {
  const detect = async () => [{ box, score: 0.9 }];
  return {
    boxKind: 'yunet',
    description: 'a face that is always there',
    adjust: () => {},
    detectionWidth: (width) => width,
    detect,
  };
}

/** What is shown of a face of this height, in a picture that stands alone; the crop's pixels are the network's answer. */
async function shown(networks: Networks, { sensitivity = 'balanced', grey = 128 }: Look = {}) {
  const pipeline = assemblePipeline(
    {
      ...config,
      modelsDir: scratch,
      detect: { ...config.detect, adaptive: false },
      classify: { ...config.classify, sensitivity },
      track: { smoothingMs: 0, lostMs: 1, confirmMs: 0 },
    },
    networks,
  );
  const picture = new cv.Mat(frame.height, frame.width, cv.CV_8UC3, [grey, grey, grey]);
  const [face] = await pipeline.process(picture, 0);
  picture.release();
  return face!;
}

interface Look {
  readonly sensitivity?: Sensitivity;
  readonly grey?: number;
}

async function networksOf(card: Parameters<typeof writeTinyModel>[3], height: number): Promise<Networks> {
  writeTinyModel(scratch, 'tiny', { logits: 2, covered: 1 }, { labels: ['neutral', 'happy'], ...card });
  const classifier = await createClassifier({ modelsDir: scratch, model: 'tiny', precision: 'fp32', threads: 1 });
  const detector = seeing({ x: 100, y: 60, width: 0.8 * height, height });
  return { classifier, detector, warning: undefined, note: undefined };
}

test('the sensitivity moves the probabilities and the limit, with the networks that are loaded', async () => {
  const point = (neutral: number, below: number) => ({ offsets: { neutral }, below });
  const sensitivity = { calm: point(2, 0.6), balanced: point(0, 0.4), expressive: point(-2, 0.3) };
  const networks = await networksOf({ sensitivity }, 100);
  // A crop of one grey answers the same for both labels.
  const named = async (chosen: Sensitivity) => {
    const { label, probability } = await shown(networks, { sensitivity: chosen });
    return { label, probability };
  };
  const moved = 1 / (1 + Math.exp(-2));
  expect(await named('calm')).toEqual({ label: 'neutral', probability: expect.closeTo(moved, 6) });
  expect(await named('balanced')).toEqual({ label: 'neutral', probability: expect.closeTo(0.5, 6) });
  expect(await named('expressive')).toEqual({ label: 'happy', probability: expect.closeTo(moved, 6) });
});

describe('a face is uncertain', () => {
  test('when its crop is small in the picture, however sure the network is', async () => {
    const uncertain = { small: { alone: 22, explains: 28 } };
    // The crop of a box is 0.835 of its height.
    expect(await shown(await networksOf({ uncertain }, 24))).toMatchObject({ label: 'uncertain', reason: 'small' });
    expect(await shown(await networksOf({ uncertain }, 28))).toMatchObject({ label: 'neutral' });
  });

  test('when its picture has no contrast', async () => {
    const uncertain = { dark: { alone: 6, explains: 9 } };
    expect(await shown(await networksOf({ uncertain }, 100))).toMatchObject({ label: 'uncertain', reason: 'dark' });
  });

  test('when the network says that it is covered', async () => {
    const networks = await networksOf({ covered: { name: 'covered', threshold: 0.7 } }, 100);
    expect(await shown(networks, { grey: 160 })).toMatchObject({ label: 'uncertain', reason: 'covered' });
    expect(await shown(networks, { grey: 120 })).toMatchObject({ label: 'neutral' });
  });
});

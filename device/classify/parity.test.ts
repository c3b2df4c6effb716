import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readPicture } from '../camera/picture.ts';
import { type ModelCard, type Precision, readCard } from '../core/model-card.ts';
import { cv } from '../core/opencv.ts';
import { drawMadeUpFace, faceSide } from '../lab/fixtures/made-up-faces.ts';
import { scratchFolder } from '../lab/fixtures/scratch.ts';
import { modelsDir } from '../lab/fixtures/shared.ts';
import { type Classified, createClassifier } from './classifier.ts';
import { cutCrop, wholePicture } from './crop.ts';

/** Reference numbers, written by training/mien_training/parity.py beside a card. */
const numbersSchema = z.strictObject({
  /** [picture, label] */
  probabilities: z.array(z.array(z.number())),
  /** [picture, label], of the head for comparison */
  fer2013: z.array(z.array(z.number())).optional(),
  /** [picture] */
  reject: z.array(z.number()).optional(),
  /** [picture] */
  covered: z.array(z.number()).optional(),
});
const paritySchema = z.object({
  schema: z.literal(1),
  model: z.string(),
  sha256: z.object({ fp32: z.string(), int8: z.string() }),
  pictures: z.object({ seeds: z.array(z.int()), sha256: z.string() }),
  pytorch: numbersSchema,
  fp32: numbersSchema,
  int8: numbersSchema,
});
type Numbers = z.output<typeof numbersSchema>;

const scratch = scratchFolder();
const files = readdirSync(modelsDir).filter((name) => name.endsWith('.parity.json'));

test('reference numbers are present', () => {
  expect(files).toContain('simple-cnn.parity.json');
});

describe.each(files)('%s', (file) => {
  const parity = paritySchema.parse(JSON.parse(readFileSync(join(modelsDir, file), 'utf8')));
  const { seeds } = parity.pictures;
  const card = readCard(modelsDir, parity.model);
  let crops: Uint8Array;

  beforeAll(() => {
    crops = throughPreProcessing(seeds, card.input);
  });

  test('matches the model files beside it', () => {
    expect(parity.sha256).toEqual({ fp32: card.files.fp32.sha256, int8: card.files.int8.sha256 });
  });

  test('the pictures are equal in both languages and unchanged by files and cropping', () => {
    expect(createHash('sha256').update(crops).digest('hex')).toBe(parity.pictures.sha256);
  });

  test('fp32 agrees with PyTorch and with ONNX Runtime in Python to 1e-4', async () => {
    const found = await numbersOf(card, 'fp32', crops, seeds.length);
    for (const reference of [parity.pytorch, parity.fp32]) {
      expect(Object.keys(found).sort()).toEqual(Object.keys(reference).sort());
      expect(largestGap(found, reference)).toBeLessThanOrEqual(1e-4);
    }
  });

  test('int8 agrees on 98 % of the labels, with Python and with PyTorch', async () => {
    const labels = labelsOf(await numbersOf(card, 'int8', crops, seeds.length));
    for (const reference of [parity.int8, parity.pytorch].map(labelsOf)) {
      const agreed = labels.filter((label, index) => label === reference[index]).length;
      expect(agreed / seeds.length).toBeGreaterThanOrEqual(0.98);
    }
    // A network with a constant output would agree with itself.
    expect(new Set(labels).size).toBeGreaterThan(1);
  });
});

async function numbersOf(card: ModelCard, precision: Precision, crops: Uint8Array, count: number): Promise<Numbers> {
  const classify = async (head?: string) => {
    const classifier = await createClassifier({ modelsDir, model: card.name, precision, threads: 1, head });
    return classifier.classify(crops, count);
  };
  const classified = await classify();
  const probabilitiesOf = (all: readonly Classified[]) => all.map((each) => Object.values(each.probabilities));
  return {
    probabilities: probabilitiesOf(classified),
    ...(card.heads.fer2013 && { fer2013: probabilitiesOf(await classify('fer2013')) }),
    ...(card.reject && { reject: classified.map((each) => each.reject!) }),
    ...(card.covered && { covered: classified.map((each) => each.covered!) }),
  };
}

/** The pictures written as PNG, then read and cropped as by `mien evaluate`. */
function throughPreProcessing(seeds: readonly number[], input: ModelCard['input']): Uint8Array {
  const size = input.width * input.height;
  const crops = new Uint8Array(seeds.length * size);
  for (const [index, seed] of seeds.entries()) {
    const path = join(scratch, `${seed}.png`);
    cv.imwrite(path, new cv.Mat(Buffer.from(drawMadeUpFace(seed)), faceSide, faceSide, cv.CV_8UC1));
    const picture = readPicture(path);
    cutCrop(picture, wholePicture(picture), input, crops.subarray(index * size, (index + 1) * size));
    picture.release();
  }
  return crops;
}

function largestGap(one: Numbers, other: Numbers): number {
  const flat = ({ probabilities, fer2013 = [], reject = [], covered = [] }: Numbers) =>
    [probabilities, fer2013, reject, covered].flat(2);
  const expected = flat(other);
  const found = flat(one);
  expect(found.length).toBe(expected.length);
  return Math.max(...found.map((value, index) => Math.abs(value - expected[index]!)));
}

function labelsOf({ probabilities }: Numbers): number[] {
  return probabilities.map((row) => row.indexOf(Math.max(...row)));
}

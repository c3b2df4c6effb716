import { createHash } from 'node:crypto';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { openSource } from '../camera/open.ts';
import { exitCode } from '../core/errors.ts';
import type { ModelCard } from '../core/model-card.ts';
import type { Probabilities } from '../core/types.ts';
import { scratchFolder } from '../lab/fixtures/scratch.ts';
import { modelsDir, yunetDir } from '../lab/fixtures/shared.ts';
import { cropsAnswering, type TinyOutputs, writeTinyModel } from '../lab/fixtures/tiny-model.ts';
import { type Classified, createClassifier, softmax } from './classifier.ts';
import { cutCrop } from './crop.ts';
import { mostProbable } from './smooth.ts';

const scratch = scratchFolder();
const options = { modelsDir, model: 'simple-cnn', threads: 1 } as const;
const int8 = await createClassifier({ ...options, precision: 'int8' });
const fp32 = await createClassifier({ ...options, precision: 'fp32' });
const size = int8.card.input.width * int8.card.input.height;

/** Different pictures: soft blobs of light of various positions and sizes, like dim faces. */
function sampleCrops(count: number): Uint8Array {
  const { width, height } = int8.card.input;
  return Uint8Array.from({ length: count * size }, (_, at) => {
    const crop = Math.floor(at / size);
    const x = (at % width) - width * (0.3 + 0.4 * Math.sin(crop));
    const y = Math.floor((at % size) / width) - height * (0.3 + 0.4 * Math.cos(crop * 2));
    return Math.round(40 + 180 * Math.exp(-(x * x + y * y) / (60 + 40 * (crop % 7))) + ((at * 31) % 17));
  });
}

function expectDistribution(probabilities: Probabilities): void {
  const values = Object.values(probabilities);
  expect(Object.keys(probabilities)).toEqual(int8.card.labels);
  expect(values.every((value) => value >= 0 && value <= 1)).toBe(true);
  expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
}

test('a batch of crops gives the same results as single crops', async () => {
  const crops = sampleCrops(5);
  for (const classifier of [int8, fp32]) {
    const together = await classifier.classify(crops, 5);
    expect(together).toHaveLength(5);
    for (const [index, { probabilities }] of together.entries()) {
      expectDistribution(probabilities);
      const [alone] = await classifier.classify(crops.slice(index * size, (index + 1) * size), 1);
      for (const label of int8.card.labels) expect(probabilities[label]).toBeCloseTo(alone!.probabilities[label]!, 4);
    }
  }
  // Equal outputs for different pictures would mean that the crops are ignored.
  const answers = (await int8.classify(crops, 5)).map(({ probabilities }) => probabilities.happy!.toFixed(4));
  expect(new Set(answers).size).toBeGreaterThan(1);
});

test('int8 agrees with fp32 on faces in the demo clip at every position and size', async () => {
  const crops = await demoCrops();
  const count = crops.length / size;
  const quantized = await int8.classify(crops, count);
  const full = await fp32.classify(crops, count);
  expect(count).toBeGreaterThan(50);
  const labelsOf = (classified: readonly Classified[]) => classified.map((each) => mostProbable(each.probabilities));
  const expected = labelsOf(full);
  const agreed = labelsOf(quantized).filter((label, index) => label === expected[index]).length;
  // 0.98 is the limit of training/ on FER-2013; these are fewer crops, and some are between two labels.
  expect(agreed / count).toBeGreaterThan(0.9);
});

/** Squares around the visitor of the demo clip: some hold the face as in training, some only part of it. */
async function demoCrops(): Promise<Uint8Array> {
  const source = await openSource('demo', { width: 640, height: 480, fps: 24, loop: false, pace: 'max' });
  const crops: Uint8Array[] = [];
  const never = new AbortController().signal;
  for (let frame = await source.read(never); frame && frame.t < 6; frame = await source.read(never)) {
    const isChosen = frame.t > 4 && frame.index % 4 === 0;
    for (const side of isChosen ? [110, 150, 190] : []) {
      for (const shift of [-20, 0, 20]) {
        const crop = new Uint8Array(size);
        const region = { center: { x: 300 + shift, y: 190 }, width: side, height: side, roll: 0 };
        cutCrop(frame.mat, region, int8.card.input, crop);
        crops.push(crop);
      }
    }
    frame.mat.release();
  }
  source.close();
  return Uint8Array.from(crops.flatMap((crop) => [...crop]));
}

test('two threads give the same result as one', async () => {
  const two = await createClassifier({ ...options, precision: 'int8', threads: 2 });
  expect(two.threads).toBe(2);
  const crops = sampleCrops(5);
  expect(await two.classify(crops, 5)).toEqual(await int8.classify(crops, 5));
});

test('with 0 threads it uses one or two, at the requested precision', async () => {
  const free = await createClassifier({ ...options, precision: 'fp32', threads: 0 });
  expect(free.precision).toBe('fp32');
  expect([1, 2]).toContain(free.threads);
  const crops = sampleCrops(2);
  expect(await free.classify(crops, 2)).toEqual(await fp32.classify(crops, 2));
});

test.skipIf(availableParallelism() < 2).each([
  { oneMs: 10, twoMs: 6, threads: 2 },
  { oneMs: 10, twoMs: 9, threads: 1 },
  { oneMs: 3, twoMs: 1, threads: 1 },
])(
  '0 threads, on a board where one takes $oneMs ms and two take $twoMs: $threads',
  async ({ oneMs, twoMs, threads }) => {
    const clock = vi.spyOn(performance, 'now');
    try {
      // Fifteen inferences on one thread, then fifteen of each in turns; the clock is read before and after each.
      let calls = 0;
      let now = 0;
      clock.mockImplementation(() => {
        const inference = Math.floor(calls / 2);
        const isTwo = inference >= 15 && inference % 2 === 0;
        if (calls % 2 === 1) now += isTwo ? twoMs : oneMs;
        calls += 1;
        return now;
      });
      const free = await createClassifier({ ...options, precision: 'int8', threads: 0 });
      expect(free.threads).toBe(threads);
    } finally {
      clock.mockRestore();
    }
  },
);

test('auto chooses one of the two precisions', async () => {
  const { precision, card } = await createClassifier({ ...options, precision: 'auto' });
  expect(['fp32', 'int8']).toContain(precision);
  expect(card.name).toBe('simple-cnn');
});

/** A models folder whose card has the bytes and sha256 of `file`, with these changes. */
function describeFile(file: string, change: (card: ModelCard) => Partial<ModelCard>): void {
  const bytes = readFileSync(file);
  const name = 'other.onnx';
  copyFileSync(file, join(scratch, name));
  const entry = { file: name, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  const card = { ...int8.card, files: { fp32: entry, int8: entry } };
  writeFileSync(join(scratch, 'other.json'), JSON.stringify({ ...card, ...change(card) }));
}

const other = { ...options, modelsDir: scratch, model: 'other', precision: 'int8' } as const;

describe('a model of another shape than its card is refused at load, exit code 65', () => {
  const simpleCnn = join(modelsDir, 'simple-cnn.int8.onnx');

  test('another input size', async () => {
    describeFile(simpleCnn, ({ input }) => ({ input: { ...input, width: 64, height: 64 } }));
    await expect(createClassifier(other)).rejects.toMatchObject({
      name: 'MienError',
      code: exitCode.badData,
      message: expect.stringMatching(
        /^Model other\.onnx does not match its card \(card: input: uint8 \[N,1,64,64\] -> logits: \[N,7\].*; file: input: uint8 \[\w+,1,48,48\] -> logits: float32 \[\w+,7\].*\)$/,
      ),
      remedy: 'Restore model and card together; they are exported as a pair',
    });
  });

  test('another number of labels', async () => {
    describeFile(simpleCnn, ({ labels }) => ({ labels: labels.slice(0, 6) }));
    await expect(createClassifier(other)).rejects.toMatchObject({
      code: exitCode.badData,
      message: expect.stringMatching(/-> logits: \[N,6\].*; file: .* -> logits: float32 \[\w+,7\]/),
    });
  });

  test.skipIf(!yunetDir)('another network (skipped where YuNet is absent)', async () => {
    describeFile(join(yunetDir!, 'face_detection_yunet_2023mar.onnx'), () => ({}));
    await expect(createClassifier(other)).rejects.toMatchObject({
      code: exitCode.badData,
      message: expect.stringMatching(
        /^Model other\.onnx does not match its card \(.*file: input: float32 \[1,3,640,640\]/,
      ),
    });
  });

  test('no network at all', async () => {
    const text = join(scratch, 'text.onnx');
    writeFileSync(text, 'not a network');
    describeFile(text, () => ({}));
    await expect(createClassifier(other)).rejects.toMatchObject({
      name: 'MienError',
      code: exitCode.badData,
      message: expect.stringMatching(/^Model other\.onnx cannot be loaded \([^\n]+\)$/),
      remedy: 'Restore it from the repository. Own models: export it again with training/',
    });
  });
});

describe('a model with further heads', () => {
  const labels = ['happy', 'sad'];
  const heads = { fer2013: { name: 'fer2013', temperature: 2 } };
  const reject = { name: 'reject', threshold: 0.5 };
  const covered = { name: 'covered', threshold: 0.5 };
  const outputs = { logits: 2, reject: 1, fer2013: 2, covered: 1 };
  const tiny = { modelsDir: scratch, model: 'tiny', precision: 'fp32', threads: 1 } as const;
  const crops = cropsAnswering([Math.log(3), 0, 1.5, 0, 4, 1], [0, 1, -2, 0, 4, -3]);

  test('gives the probabilities of reject and covered with those of the labels', async () => {
    writeTinyModel(scratch, 'tiny', outputs, { labels, heads, reject, covered, temperature: 0.5 });
    const [first, second] = await (await createClassifier(tiny)).classify(crops, 2);
    // The grey for log(3) is 17.6 above 128, rounded to 18: a logit of 1.125, and 2.25 at the temperature of 0.5.
    expect(first!.probabilities).toEqual({
      happy: expect.closeTo(1 / (1 + Math.exp(-2.25)), 6),
      sad: expect.any(Number),
    });
    expect(first!.reject).toBeCloseTo(1 / (1 + Math.exp(-1.5)), 6);
    expect(first!.covered).toBeCloseTo(1 / (1 + Math.exp(-1)), 6);
    expect(second!.probabilities.sad).toBeCloseTo(1 / (1 + Math.exp(-2)), 6);
    expect(second!.reject).toBeCloseTo(1 / (1 + Math.exp(2)), 6);
    expect(second!.covered).toBeCloseTo(1 / (1 + Math.exp(3)), 6);
  });

  test('gives the probabilities of a requested comparison head at its own temperature', async () => {
    writeTinyModel(scratch, 'tiny', outputs, { labels, heads, reject, covered, temperature: 0.5 });
    const [first] = await (await createClassifier({ ...tiny, head: 'fer2013' })).classify(crops, 2);
    expect(first!.probabilities.sad).toBeCloseTo(1 / (1 + Math.exp(-4 / 2)), 6);
  });

  test.each([
    [heads, 'votes', 'it has fer2013'],
    [{}, 'fer2013', 'it has none'],
  ])('names the available heads for an unknown one, exit code 64', async (known, head, there) => {
    writeTinyModel(scratch, 'tiny', outputs, { labels, heads: known });
    await expect(createClassifier({ ...tiny, head })).rejects.toMatchObject({
      name: 'MienError',
      code: exitCode.usage,
      message: `Model tiny has no head "${head}" (${there})`,
    });
  });

  test('is used without outputs that its card does not name', async () => {
    writeTinyModel(scratch, 'tiny', outputs, { labels });
    const [seen] = await (await createClassifier(tiny)).classify(crops, 2);
    expect(Object.keys(seen!)).toEqual(['probabilities']);
  });

  test.each([
    ['lacks the head for comparison', { logits: 2, reject: 1 }, 'logits: float32 [N,2], reject: float32 [N,1]'],
    ['lacks reject', { logits: 2, fer2013: 2 }, 'logits: float32 [N,2], fer2013: float32 [N,2]'],
    [
      'has another number of labels for comparison',
      { logits: 2, fer2013: 8, reject: 1 },
      'logits: float32 [N,2], fer2013: float32 [N,8], reject: float32 [N,1]',
    ],
    [
      'has two values of reject',
      { logits: 2, fer2013: 2, reject: 2 },
      'logits: float32 [N,2], fer2013: float32 [N,2], reject: float32 [N,2]',
    ],
  ])('is refused when the file %s, exit code 65', async (_, written, found) => {
    writeTinyModel(scratch, 'tiny', written as TinyOutputs, { labels, heads, reject });
    await expect(createClassifier(tiny)).rejects.toMatchObject({
      name: 'MienError',
      code: exitCode.badData,
      message: `Model tiny.onnx does not match its card (card: input: uint8 [N,1,8,8] -> logits: [N,2], fer2013: [N,2], reject: [N,1]; file: input: uint8 [N,1,8,8] -> ${found})`,
    });
  });
});

describe('softmax', () => {
  test('sums to 1, keeps the order, and does not overflow', () => {
    expect(softmax([0, Math.log(3)])).toEqual([expect.closeTo(0.25, 10), expect.closeTo(0.75, 10)]);
    expect(softmax([1000, 999, -1000])).toEqual([
      expect.closeTo(0.7311, 4),
      expect.closeTo(0.2689, 4),
      expect.closeTo(0, 10),
    ]);
  });

  test('a temperature above 1 makes it less sure, one below 1 more', () => {
    expect(softmax([0, Math.log(9)], 2)[1]).toBeCloseTo(0.75, 10);
    expect(softmax([0, Math.log(3)], 0.5)[1]).toBeCloseTo(0.9, 10);
  });
});

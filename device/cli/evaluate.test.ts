import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createClassifier } from '../classify/classifier.ts';
import { exitCode } from '../core/errors.ts';
import { cropFolder, votesHeader } from '../lab/fixtures/crop-folders.ts';
import { Mien } from '../lab/fixtures/mien.ts';
import { fileIn, scratchFolder } from '../lab/fixtures/scratch.ts';
import { fer2013, modelsDir } from '../lab/fixtures/shared.ts';
import { writeTinyModel } from '../lab/fixtures/tiny-model.ts';
import { evaluate } from './evaluate.ts';

const scratch = scratchFolder();
const classifier = await createClassifier({ modelsDir, model: 'simple-cnn', precision: 'int8', threads: 1 });
const { labels } = classifier.card;

test('every picture is counted in the row of its class, over batches and links to folders', async () => {
  const folder = cropFolder(scratch, 'counted', { happy: 12, sad: 11 });
  const elsewhere = cropFolder(scratch, 'elsewhere', { surprise: 12 });
  symlinkSync(join(elsewhere, 'surprise'), join(folder, 'surprise'));
  const result = await evaluate(folder, classifier);
  expect(result.n).toBe(35);
  const rows = Object.fromEntries(labels.map((label, row) => [label, sum(result.confusion[row]!)]));
  expect(rows).toEqual({ angry: 0, disgust: 0, fear: 0, happy: 12, sad: 11, surprise: 12, neutral: 0 });
  expect(result.model).toEqual({
    name: 'simple-cnn',
    precision: 'int8',
    threads: 1,
    ...classifier.card.files.int8,
    head: classifier.card.answers,
    question: expect.stringMatching(/^what most people would say|^which label FER-2013 gives/),
    temperature: classifier.card.temperature,
    sensitivity: 'balanced',
  });
  expect(result.latency).toEqual({
    medianMs: expect.any(Number),
    runs: 100,
    batch: 1,
    threads: 1,
    precision: 'int8',
  });
  expect(result.latency.medianMs).toBeGreaterThan(0);
});

test('classes by the other names that data sets give them, in any case, two names for one class, and some absent', async () => {
  const result = await evaluate(
    cropFolder(scratch, 'aliases', { Anger: 2, angry: 1, happiness: 3, disgusted: 1, surprised: 1 }),
    classifier,
  );
  const rows = Object.fromEntries(labels.map((label, row) => [label, sum(result.confusion[row]!)]));
  expect(rows).toEqual({ angry: 3, disgust: 1, fear: 0, happy: 3, sad: 0, surprise: 1, neutral: 0 });
  const present = ['angry', 'disgust', 'happy', 'surprise'].map((label) => result.recall[label]!);
  expect(result.macroRecall).toBeCloseTo(sum(present) / 4, 3);
  expect(result.recall).toMatchObject({ fear: null, sad: null, neutral: null });
});

describe('folders that cannot be evaluated', () => {
  test('a folder that is not there, exit code 66', async () => {
    await expect(evaluate('/nowhere', classifier)).rejects.toMatchObject({
      name: 'MienError',
      code: exitCode.noInput,
      message: `No such folder: /nowhere (expected /nowhere/<class>/*.png with classes ${labels.join(', ')})`,
      remedy: 'Sort the crops into one folder per class',
    });
  });

  test('a file in its place, exit code 66', async () => {
    const file = join(scratch, 'file.zip');
    writeFileSync(file, '');
    await expect(evaluate(file, classifier)).rejects.toMatchObject({
      code: exitCode.noInput,
      message: expect.stringMatching(/^No such folder: /),
    });
  });

  test('a class that the model does not know is named, exit code 66', async () => {
    await expect(evaluate(cropFolder(scratch, 'unknown', { happy: 1, bored: 1 }), classifier)).rejects.toMatchObject({
      code: exitCode.noInput,
      message: expect.stringMatching(/^Unknown class bored in /),
    });
  });

  test('no pictures, exit code 66', async () => {
    await expect(evaluate(cropFolder(scratch, 'nothing', { happy: 0 }), classifier)).rejects.toMatchObject({
      code: exitCode.noInput,
      message: expect.stringMatching(/^No pictures in /),
    });
  });

  test('too many pictures that cannot be read, exit code 65, with the first', async () => {
    const folder = cropFolder(scratch, 'damaged', { happy: 9 });
    writeFileSync(join(folder, 'happy', '0.png'), 'not a picture');
    await expect(evaluate(folder, classifier)).rejects.toMatchObject({
      name: 'MienError',
      code: exitCode.badData,
      message: expect.stringMatching(/^1 of 9 pictures in \S+ cannot be read, first: Picture \S+0\.png cannot be used/),
      remedy: 'Remove or repair them; up to 1 % are passed over',
    });
  });
});

test('a head that the model does not have is refused, and contempt, for which it has no label, is passed over and named', async () => {
  const models = join(scratch, 'head-models');
  mkdirSync(models);
  writeTinyModel(models, 'tiny', { logits: 2 }, { labels: ['happy', 'sad'], answers: 'fer2013' });
  const from = ['--set', `modelsDir=${models}`, '--set', 'classify.model=tiny'];
  const folder = cropFolder(scratch, 'contempt', { happy: 2, contempt: 3 });
  const refused = new Mien(['evaluate', folder, '--head', 'people', ...from]);
  expect(await refused.exited).toBe(exitCode.usage);
  expect(refused.stderr).toBe(
    'mien: Model tiny has no output for people (it has fer2013). Leave --head out, or name one of these\n',
  );
  const run = new Mien(['evaluate', folder, '--head', 'fer2013', ...from]);
  expect(await run.exited).toBe(0);
  expect(JSON.parse(run.stdout)).toMatchObject({ n: 2, model: { head: 'fer2013', sensitivity: 'balanced' } });
  expect(run.stderr).toBe('mien: passed over: 3 pictures of contempt, for which the model has no label\n');
});

test('mien evaluate prints JSON and nothing else', async () => {
  const run = new Mien([
    'evaluate',
    cropFolder(scratch, 'printed', { happy: 3, angry: 2 }),
    '--set',
    'classify.precision=fp32',
  ]);
  expect(await run.exited).toBe(0);
  expect(run.stderr).toBe('');
  const result = JSON.parse(run.stdout);
  expect(Object.keys(result)).toEqual(
    expect.arrayContaining([
      'n',
      'accuracy',
      'macroRecall',
      'macroF1',
      'sensitivity',
      'comparedWith',
      'recall',
      'confusion',
      'model',
      'ece',
      'latency',
      'uncertain',
    ]),
  );
  expect(result).toMatchObject({ n: 5, eceBins: 15, model: { name: 'residual-cnn', precision: 'fp32' } });
  expect(result).not.toHaveProperty('ferPlus');
  expect(result).not.toHaveProperty('withoutDuplicates');
});

test("mien evaluate takes FER+'s table and the training faces", async () => {
  const folder = cropFolder(scratch, 'both', { happy: 3 });
  const training = cropFolder(scratch, 'trained', { sad: 2 });
  const row = (picture: string) => `Test,${picture}.png,0,10,0,0,0,0,0,0,0,0`;
  const votes = fileIn(scratch, 'both.csv', `${votesHeader}\n${[0, 1, 2].map(String).map(row).join('\n')}\n`);
  const run = new Mien(['evaluate', folder, '--votes', votes, '--duplicates-of', training]);
  expect(await run.exited).toBe(0);
  expect(run.stderr).toBe('');
  const result = JSON.parse(run.stdout);
  expect(result).toMatchObject({ n: 3, ferPlus: { n: 3, rule: 'strict majority' } });
  expect(result.withoutDuplicates).toMatchObject({ duplicates: 2, n: 1, ferPlus: { n: 1 } });
});

test('mien evaluate of a folder that is not there is one line, exit code 66', async () => {
  const run = new Mien(['evaluate', '/nowhere']);
  expect(await run.exited).toBe(exitCode.noInput);
  expect(run.stdout).toBe('');
  expect(run.stderr).toMatch(/^mien: No such folder: \/nowhere [^\n]+\. Sort the crops [^\n]+\n$/);
});

test.skipIf(!fer2013)(
  'on FER-2013 faces it is far better than chance (skipped where shared/data is absent)',
  async () => {
    const perClass = 20;
    const listed = execFileSync('unzip', ['-Z1', fer2013!, 'test/*/*.png'], { encoding: 'utf8', maxBuffer: 1e7 });
    const names = listed.trim().split('\n');
    const chosen = labels.flatMap((label) =>
      names.filter((name) => name.startsWith(`test/${label}/`)).slice(0, perClass),
    );
    execFileSync('unzip', ['-q', fer2013!, ...chosen, '-d', scratch]);
    const result = await evaluate(join(scratch, 'test'), classifier);
    expect(result.n).toBe(labels.length * perClass);
    expect(result.confusion.map(sum)).toEqual(labels.map(() => perClass));
    expect(result.accuracy!).toBeGreaterThan(1.5 / labels.length);
    // The same as the card says, within what a sample of 140 allows: three standard errors and the classes' other shares.
    const { recall } = JSON.parse(readFileSync(join(modelsDir, 'simple-cnn.json'), 'utf8')).metrics.int8.fer2013;
    const expected = sum(labels.map((label) => recall[label])) / labels.length;
    expect(Math.abs(result.accuracy! - expected)).toBeLessThan(3 * Math.sqrt((expected * (1 - expected)) / result.n));
  },
);

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

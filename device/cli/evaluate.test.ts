import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createClassifier } from '../classify/classifier.ts';
import { exitCode } from '../core/errors.ts';
import { cv } from '../core/opencv.ts';
import { Mien } from '../test/mien.ts';
import { greyPicture } from '../test/pictures.ts';
import { scratchFolder } from '../test/scratch.ts';
import { fer2013, modelsDir } from '../test/shared.ts';
import { evaluate, score } from './evaluate.ts';

const scratch = scratchFolder();
const classifier = await createClassifier({ modelsDir, model: 'simple-cnn', precision: 'int8', threads: 1 });
const { labels } = classifier.card;

/** A folder of crops: so many per class, each of one shade. */
function cropsOf(name: string, counts: Readonly<Record<string, number>>): string {
  const folder = join(scratch, name);
  mkdirSync(folder);
  for (const [label, count] of Object.entries(counts)) {
    mkdirSync(join(folder, label));
    for (let crop = 0; crop < count; crop++) {
      cv.imwrite(join(folder, label, `${crop}.png`), greyPicture(20 + 20 * crop, 48, 48));
    }
  }
  return folder;
}

test('accuracy, recall, precision and F1 come from the confusion matrix', () => {
  // Rows: truth; columns: predicted. Nobody was truly sad.
  const result = score(
    [
      [6, 2, 0],
      [1, 1, 0],
      [0, 0, 0],
    ],
    ['happy', 'angry', 'sad'],
  );
  expect(result).toEqual({
    n: 10,
    accuracy: 0.7,
    // F1 of happy 12/15, of angry 2/5; sad has no pictures and takes no part.
    macroF1: 0.6,
    recall: { happy: 0.75, angry: 0.5, sad: null },
    precision: { happy: 0.8571, angry: 0.3333, sad: 0 },
    f1: { happy: 0.8, angry: 0.4, sad: 0 },
    labels: ['happy', 'angry', 'sad'],
    confusion: [
      [6, 2, 0],
      [1, 1, 0],
      [0, 0, 0],
    ],
  });
});

test('every picture is counted in the row of its class, over batches and links to folders', async () => {
  const folder = cropsOf('counted', { happy: 12, sad: 11 });
  const elsewhere = cropsOf('elsewhere', { surprise: 12 });
  symlinkSync(join(elsewhere, 'surprise'), join(folder, 'surprise'));
  const result = await evaluate(folder, classifier);
  expect(result.n).toBe(35);
  const rows = Object.fromEntries(labels.map((label, row) => [label, sum(result.confusion[row]!)]));
  expect(rows).toEqual({ angry: 0, disgust: 0, fear: 0, happy: 12, sad: 11, surprise: 12, neutral: 0 });
  expect(result.model).toEqual({ name: 'simple-cnn', precision: 'int8', sha256: classifier.card.files.int8.sha256 });
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
    await expect(evaluate(cropsOf('contempt', { happy: 1, contempt: 1 }), classifier)).rejects.toMatchObject({
      code: exitCode.noInput,
      message: expect.stringMatching(/^Unknown class contempt in /),
    });
  });

  test('no pictures, exit code 66', async () => {
    await expect(evaluate(cropsOf('nothing', { happy: 0 }), classifier)).rejects.toMatchObject({
      code: exitCode.noInput,
      message: expect.stringMatching(/^No pictures in /),
    });
  });

  test('too many pictures that cannot be read, exit code 65, with the first', async () => {
    const folder = cropsOf('damaged', { happy: 9 });
    writeFileSync(join(folder, 'happy', '0.png'), 'not a picture');
    await expect(evaluate(folder, classifier)).rejects.toMatchObject({
      name: 'MienError',
      code: exitCode.badData,
      message: expect.stringMatching(/^1 of 9 pictures in \S+ cannot be read, first: Picture \S+0\.png cannot be used/),
      remedy: 'Remove or repair them; up to 1 % are passed over',
    });
  });
});

test('mien evaluate prints JSON and nothing else', async () => {
  const run = new Mien(['evaluate', cropsOf('printed', { happy: 3, angry: 2 }), '--set', 'classify.precision=fp32']);
  expect(await run.exited).toBe(0);
  expect(run.stderr).toBe('');
  const result = JSON.parse(run.stdout);
  expect(Object.keys(result)).toEqual(
    expect.arrayContaining(['n', 'accuracy', 'macroF1', 'recall', 'confusion', 'model']),
  );
  expect(result).toMatchObject({ n: 5, model: { name: 'simple-cnn', precision: 'fp32' } });
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
    expect(result.accuracy).toBeGreaterThan(1.5 / labels.length);
    // The same as the card says, within what a sample of 140 allows: three standard errors and the classes' other shares.
    const { recall } = JSON.parse(readFileSync(join(modelsDir, 'simple-cnn.json'), 'utf8')).metrics.int8;
    const expected = sum(labels.map((label) => recall[label])) / labels.length;
    expect(Math.abs(result.accuracy - expected)).toBeLessThan(3 * Math.sqrt((expected * (1 - expected)) / result.n));
  },
);

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

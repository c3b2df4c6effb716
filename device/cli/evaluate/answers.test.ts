import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createClassifier } from '../../classify/classifier.ts';
import { exitCode } from '../../core/errors.ts';
import { cv } from '../../core/opencv.ts';
import { votesHeader } from '../../lab/fixtures/crop-folders.ts';
import { fileIn, scratchFolder } from '../../lab/fixtures/scratch.ts';
import { cropsAnswering, sensitivityBelow, tinySide, writeTinyModel } from '../../lab/fixtures/tiny-model.ts';
import { evaluate } from '../evaluate.ts';
import { voteColumns } from './fer-plus.ts';

const scratch = scratchFolder();

describe('with a network whose answers are pixels', () => {
  const models = join(scratch, 'models');
  mkdirSync(models);
  const two = ['happy', 'sad'];
  const tiny = { modelsDir: models, model: 'tiny', precision: 'fp32', threads: 1 } as const;
  let folders = 0;

  /** A folder of pictures that a tiny model answers so: `<class>/<name>.png`. */
  function answering(pictures: Readonly<Record<string, readonly number[]>>): string {
    folders += 1;
    const folder = join(scratch, `answers-${folders}`);
    for (const [path, logits] of Object.entries(pictures)) {
      const grey = Buffer.from(cropsAnswering(logits));
      mkdirSync(join(folder, path, '..'), { recursive: true });
      cv.imwrite(join(folder, `${path}.png`), new cv.Mat(grey, tinySide, tinySide, cv.CV_8UC1));
    }
    return folder;
  }

  /** FER+'s table with these votes; the columns in the order of the published file. */
  function tableOf(name: string, rows: Readonly<Record<string, Readonly<Record<string, number>>>>): string {
    const lines = Object.entries(rows).map(([picture, counts]) =>
      ['PublicTest', picture, ...voteColumns.map((column) => counts[column] ?? 0)].join(','),
    );
    return fileIn(scratch, name, [votesHeader, ...lines, ''].join('\r\n'));
  }

  test('says how many would be uncertain, and how often they would have been right', async () => {
    const limits = { reject: { name: 'reject', threshold: 0.5 }, sensitivity: sensitivityBelow(0.7) };
    writeTinyModel(models, 'tiny', { logits: 2, reject: 1 }, { labels: two, ...limits });
    const folder = answering({
      'happy/sure': [3, 0, -2],
      'happy/unsure': [0.5, 0, -2],
      'happy/sure-but-no-face': [3, 0, 1],
      'sad/unsure': [0.5, 0, -2],
      'sad/sure-and-wrong': [2, 0, -2],
    });
    const result = await evaluate(folder, await createClassifier(tiny));
    expect(result.uncertain).toEqual({
      limits: { below: 0.7, reject: 0.5 },
      n: 3,
      share: 0.6,
      reasons: { ambiguous: 3 },
      accuracy: 0.6667,
      accuracyOfOthers: 0.5,
    });
    // What the device would not say is counted above all the same.
    expect(result).toMatchObject({ n: 5, accuracy: 0.6 });
  });

  test('a card without limits is never uncertain', async () => {
    writeTinyModel(models, 'tiny', { logits: 2 }, { labels: two });
    expect((await evaluate(answering({ 'sad/one': [0, 0] }), await createClassifier(tiny))).uncertain).toBeNull();
  });

  const pictures = { 'happy/1': [2, 0], 'happy/2': [2, 0], 'sad/3': [0, 2], 'sad/4': [0, 2], 'sad/5': [0, 2] };
  const counts = {
    '1.png': { happiness: 10 },
    '2.png': { sadness: 8, neutral: 2 },
    '3.png': { sadness: 10 },
    // No class of this model, and no majority.
    '4.png': { NF: 10 },
    '5.png': { sadness: 5, happiness: 5 },
  };

  test("FER+'s majority is held against the labels that both know", async () => {
    writeTinyModel(models, 'tiny', { logits: 2 }, { labels: two });
    const classifier = await createClassifier(tiny);
    const { ferPlus } = await evaluate(answering(pictures), classifier, { votes: tableOf('plain.csv', counts) });
    expect(ferPlus).toEqual({
      comparedWith: "what most people say: the strict majority of FER+'s votes",
      rule: 'strict majority',
      n: 3,
      accuracy: 0.6667,
      macroRecall: 0.75,
      neutralRecall: null,
      ece: 0.2141,
      eceBins: 15,
      coverage: {
        at: [
          { coverage: 1, accuracy: 0.6667, leastConfidence: 0.8808 },
          { coverage: 0.9, accuracy: 0.6667, leastConfidence: 0.8808 },
          { coverage: 0.8, accuracy: 0.5, leastConfidence: 0.8808 },
          { coverage: 0.7, accuracy: 0.5, leastConfidence: 0.8808 },
        ],
        area: 0.7222,
      },
      macroF1: 0.6667,
      recall: { happy: 1, sad: 0.5 },
      precision: { happy: 0.5, sad: 1 },
      f1: { happy: 0.6667, sad: 0.6667 },
      labels: two,
      confusion: [
        [1, 0],
        [1, 1],
      ],
    });
  });

  test('each sensitivity is scored from the same answers, and the labels are those of the one that is set', async () => {
    const named = ['happy', 'neutral'];
    const points = {
      calm: { offsets: { neutral: 1 }, below: 0.6 },
      balanced: { offsets: {}, below: 0.6 },
      expressive: { offsets: { neutral: -1 }, below: 0.9 },
    };
    writeTinyModel(models, 'tiny', { logits: 2 }, { labels: named, sensitivity: points });
    const folder = answering({
      'happy/clear': [3, 0],
      'happy/faint': [0.5, 0],
      'neutral/clear': [0, 3],
      'neutral/faint': [0.5, 0],
    });
    const votesOf = { 'clear.png': { neutral: 9 }, 'faint.png': { happiness: 9 } };
    const classifier = await createClassifier(tiny);
    const { sensitivity, accuracy, uncertain } = await evaluate(folder, classifier);
    expect(sensitivity).toEqual({
      comparedWith: 'the class folders',
      // 0.5 against 1: neutral with 62 %.
      calm: { accuracy: 0.75, macroRecall: 0.75, neutralRecall: 1, uncertain: 0, accuracyOfNamed: 0.75 },
      balanced: { accuracy: 0.75, macroRecall: 0.75, neutralRecall: 0.5, uncertain: 0, accuracyOfNamed: 0.75 },
      // 1.5 and -3 + 1 against 0: 82 and 88 % are below 90 %.
      expressive: { accuracy: 0.75, macroRecall: 0.75, neutralRecall: 0.5, uncertain: 0.75, accuracyOfNamed: 1 },
    });
    expect({ accuracy, uncertain }).toMatchObject({ accuracy: 0.75, uncertain: { limits: { below: 0.6 }, n: 0 } });
    const votes = tableOf('points.csv', votesOf);
    const calm = await evaluate(folder, classifier, { sensitivity: 'calm', votes });
    expect(calm).toMatchObject({
      model: { sensitivity: 'calm' },
      recall: { happy: 0.5, neutral: 1 },
      ferPlus: { n: 4, neutralRecall: 0.5, recall: { happy: 0 } },
      sensitivity: {
        comparedWith: "what most people say: the strict majority of FER+'s votes",
        calm: { accuracy: 0.25 },
        balanced: { accuracy: 0.75 },
      },
    });
    // People stand before the folder.
    expect(Object.keys(calm).indexOf('ferPlus')).toBeLessThan(Object.keys(calm).indexOf('accuracy'));
  });

  test('a comparison head is scored as it is: without operating points and limits', async () => {
    const points = sensitivityBelow(0.99);
    const heads = { fer2013: { name: 'compared', temperature: 2 } };
    writeTinyModel(
      models,
      'tiny',
      { logits: 2, compared: 2 },
      { labels: two, answers: 'people', heads, sensitivity: points },
    );
    const folder = answering({ 'happy/1': [0, 2, 2, 0], 'sad/2': [0, 2, 2, 0], 'sad/3': [0, 2, 0, 2] });
    const shown = await evaluate(folder, await createClassifier(tiny));
    const compared = await evaluate(folder, await createClassifier({ ...tiny, head: 'fer2013' }), { head: 'fer2013' });
    expect(shown.model).toMatchObject({ head: 'people', question: 'what most people would say that this face shows' });
    expect(shown).toMatchObject({ accuracy: 0.6667, uncertain: { n: 3 } });
    expect(compared.model).toMatchObject({ head: 'fer2013', temperature: 2 });
    expect(compared.accuracy).toBe(0.6667);
    expect(compared.confusion).toEqual([
      [1, 0],
      [1, 1],
    ]);
    expect(compared.model).not.toHaveProperty('sensitivity');
    expect(compared).not.toHaveProperty('sensitivity');
    expect(compared).not.toHaveProperty('uncertain');
  });

  test('exact copies of training faces are left out of a section of its own', async () => {
    writeTinyModel(models, 'tiny', { logits: 2 }, { labels: two });
    const training = answering({ 'happy/a': [2, 0], 'sad/b': [1, 0.5] });
    const folder = answering({ 'happy/1': [2, 0], 'happy/2': [1.9375, 0], 'sad/3': [1, 0.5], 'sad/4': [0, 2] });
    const rows = {
      '1.png': { happiness: 9 },
      '2.png': { happiness: 9 },
      '3.png': { sadness: 9 },
      '4.png': { sadness: 9 },
    };
    const result = await evaluate(folder, await createClassifier(tiny), {
      duplicatesOf: training,
      votes: tableOf('copies.csv', rows),
    });
    expect(result).toMatchObject({ n: 4, accuracy: 0.75, ferPlus: { n: 4, accuracy: 0.75 } });
    expect(result.withoutDuplicates).toMatchObject({
      duplicates: 2,
      n: 2,
      accuracy: 1,
      confusion: [
        [1, 0],
        [0, 1],
      ],
      ferPlus: { n: 2, accuracy: 1 },
    });
  });

  test('copies are looked for in a folder of classes', async () => {
    writeTinyModel(models, 'tiny', { logits: 2 }, { labels: two });
    const classifier = await createClassifier(tiny);
    await expect(
      evaluate(answering({ 'sad/one': [0, 0] }), classifier, { duplicatesOf: '/nowhere' }),
    ).rejects.toMatchObject({ code: exitCode.noInput, message: expect.stringMatching(/^No such folder: \/nowhere /) });
  });
});

test('the mirror: a network that sees two sides differently, alone and averaged', async () => {
  const models = join(scratch, 'mirror-models');
  mkdirSync(models);
  // Its answers are the first two pixels of a crop; in the mirror those are the last two of the first row.
  writeTinyModel(models, 'tiny', { logits: 2 }, { labels: ['happy', 'sad'] });
  const folder = join(scratch, 'mirror');
  const paint = (name: string, left: readonly [number, number], right: readonly [number, number]) => {
    const pixels = Buffer.alloc(tinySide * tinySide, 128);
    const row = [...left, ...new Array<number>(tinySide - 4).fill(0), right[1], right[0]];
    pixels.set(cropsAnswering(row).subarray(0, tinySide));
    mkdirSync(join(folder, name, '..'), { recursive: true });
    cv.imwrite(join(folder, `${name}.png`), new cv.Mat(pixels, tinySide, tinySide, cv.CV_8UC1));
  };
  paint('happy/1', [2, 0], [0, 1]);
  paint('happy/2', [0, 1], [2, 0]);
  paint('sad/3', [0, 1], [0, 1]);
  paint('sad/4', [1, 0], [2, 0]);
  const tiny = await createClassifier({ modelsDir: models, model: 'tiny', precision: 'fp32', threads: 1 });
  const result = await evaluate(folder, tiny, { mirrored: true });
  expect(result).toMatchObject({ accuracy: 0.5, mirrored: { alone: 0.5, averaged: 0.75 } });
});

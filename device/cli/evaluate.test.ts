import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createClassifier } from '../classify/classifier.ts';
import { exitCode } from '../core/errors.ts';
import { cv } from '../core/opencv.ts';
import { Mien } from '../lab/fixtures/mien.ts';
import { greyPicture } from '../lab/fixtures/pictures.ts';
import { scratchFolder } from '../lab/fixtures/scratch.ts';
import { fer2013, modelsDir } from '../lab/fixtures/shared.ts';
import { cropsAnswering, sensitivityBelow, tinySide, writeTinyModel } from '../lab/fixtures/tiny-model.ts';
import { strictMajority, voteColumns } from './evaluate/fer-plus.ts';
import { accuracyOverCoverage, calibrationError, score } from './evaluate/scores.ts';
import { evaluate } from './evaluate.ts';

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
    macroRecall: 0.625,
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

test('the calibration error weighs the gap of each of its bins', () => {
  const sureAndRight = { confidence: 0.95, isHit: true };
  const sureAndWrong = { confidence: 0.95, isHit: false };
  const unsure = { confidence: 0.3, isHit: true };
  expect(calibrationError([sureAndRight, sureAndRight], 15)).toBe(0.05);
  expect(calibrationError([sureAndRight, sureAndWrong], 15)).toBe(0.45);
  // Bins do not make up for each other: 0.05 too little there, 0.7 too little here.
  expect(calibrationError([sureAndRight, sureAndRight, unsure], 15)).toBe(Number(((2 * 0.05 + 0.7) / 3).toFixed(4)));
  // One bin holds both, and then they do.
  expect(calibrationError([sureAndWrong, unsure], 1)).toBe(0.125);
  expect(calibrationError([{ confidence: 1, isHit: true }], 15)).toBe(0);
  expect(calibrationError([], 15)).toBeNull();
});

test('accuracy over coverage: the surest predictions first', () => {
  const predictions = Array.from({ length: 10 }, (_, index) => ({ confidence: (index + 1) / 10, isHit: index !== 0 }));
  expect(accuracyOverCoverage(predictions)).toEqual({
    at: [
      { coverage: 1, accuracy: 0.9, leastConfidence: 0.1 },
      { coverage: 0.9, accuracy: 1, leastConfidence: 0.2 },
      { coverage: 0.8, accuracy: 1, leastConfidence: 0.3 },
      { coverage: 0.7, accuracy: 1, leastConfidence: 0.4 },
    ],
    area: 0.99,
  });
  expect(accuracyOverCoverage([{ confidence: 0.4, isHit: false }]).at[3]).toEqual({
    coverage: 0.7,
    accuracy: 0,
    leastConfidence: 0.4,
  });
  expect(accuracyOverCoverage([])).toMatchObject({
    at: [{ accuracy: null, leastConfidence: null }, {}, {}, {}],
    area: null,
  });
});

test("FER+'s majority: single votes do not count, and the winner has more than half of the rest", () => {
  const majorityOf = (counts: Readonly<Record<string, number>>) =>
    strictMajority(voteColumns.map((column) => counts[column] ?? 0));
  expect(majorityOf({ happiness: 9, neutral: 1 })).toBe('happiness');
  expect(majorityOf({ anger: 5, neutral: 4, fear: 1 })).toBe('anger');
  expect(majorityOf({ anger: 5, neutral: 5 })).toBeUndefined();
  expect(majorityOf({ anger: 4, neutral: 3, fear: 3 })).toBeUndefined();
  expect(majorityOf({ NF: 10 })).toBe('NF');
  expect(majorityOf({ neutral: 1, fear: 1 })).toBeUndefined();
});

test('every picture is counted in the row of its class, over batches and links to folders', async () => {
  const folder = cropsOf('counted', { happy: 12, sad: 11 });
  const elsewhere = cropsOf('elsewhere', { surprise: 12 });
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
    cropsOf('aliases', { Anger: 2, angry: 1, happiness: 3, disgusted: 1, surprised: 1 }),
    classifier,
  );
  const rows = Object.fromEntries(labels.map((label, row) => [label, sum(result.confusion[row]!)]));
  expect(rows).toEqual({ angry: 3, disgust: 1, fear: 0, happy: 3, sad: 0, surprise: 1, neutral: 0 });
  const present = ['angry', 'disgust', 'happy', 'surprise'].map((label) => result.recall[label]!);
  expect(result.macroRecall).toBeCloseTo(sum(present) / 4, 3);
  expect(result.recall).toMatchObject({ fear: null, sad: null, neutral: null });
});

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
    return table(name, [`Usage,Image name,${voteColumns.join(',')}`, ...lines, ''].join('\r\n'));
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

/** A file in the scratch folder. */
function table(name: string, text: string): string {
  const file = join(scratch, name);
  writeFileSync(file, text);
  return file;
}

describe("tables that are not FER+'s", () => {
  const folder = cropsOf('voted', { happy: 2 });
  const header = `Usage,Image name,${voteColumns.join(',')}`;
  const expected = `(expected FER+'s fer2013new.csv: Image name, ${voteColumns.join(', ')})`;
  const zeros = '0,0,0,0,0,0,0,0,0';

  test.each([
    ['has no column', 'a,b\n1,2\n', `has no column Image name, ${voteColumns.join(', ')}`],
    ['lacks one column', `${header.replace(',NF', '')}\n`, 'has no column NF'],
    ['is empty', '', `has no column Image name, ${voteColumns.join(', ')}`],
    [
      'has a line cut short',
      `${header}\nTest,0.png,10,${zeros}\nTest,1.png,10\n`,
      'line 3 has 3 values, and the header 12 columns',
    ],
    ['has half a vote', `${header}\nTest,0.png,4.5,${zeros}\n`, 'line 2 has "4.5" votes for neutral'],
    ['has no number', `${header}\nTest,0.png,10,0,0,0,0,0,0,0,0,\n`, 'line 2 has "" votes for NF'],
  ])('a table that %s, exit code 65', async (name, text, fault) => {
    const votes = table(`${name}.csv`, text);
    await expect(evaluate(folder, classifier, { votes })).rejects.toMatchObject({
      name: 'MienError',
      code: exitCode.badData,
      message: `Votes ${votes} cannot be used: it ${fault} ${expected}`,
      remedy: 'Take the file as FER+ publishes it (github.com/microsoft/FERPlus)',
    });
  });

  test('a table that is not there, exit code 66', async () => {
    await expect(evaluate(folder, classifier, { votes: '/nowhere.csv' })).rejects.toMatchObject({
      name: 'MienError',
      code: exitCode.noInput,
      message: expect.stringMatching(
        /^Votes \/nowhere\.csv cannot be read \(ENOENT[^\n]+; expected FER\+'s fer2013new\.csv: /,
      ),
      remedy: 'Check the path given to --votes',
    });
  });

  test('a table of other pictures, exit code 65, with the first that it lacks', async () => {
    const votes = table('others.csv', `${header}\nTest,0.png,10,${zeros}\nTest,,10,${zeros}\n`);
    await expect(evaluate(folder, classifier, { votes })).rejects.toMatchObject({
      name: 'MienError',
      code: exitCode.badData,
      message: `1 of 2 pictures have no votes in ${votes}, first: ${join(folder, 'happy', '1.png')}`,
      remedy: 'Keep the names of the files: they are the table\'s "Image name"; up to 1 % may be missing',
    });
  });
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
    await expect(evaluate(cropsOf('unknown', { happy: 1, bored: 1 }), classifier)).rejects.toMatchObject({
      code: exitCode.noInput,
      message: expect.stringMatching(/^Unknown class bored in /),
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

test('a head that the model does not have is refused, and contempt, for which it has no label, is passed over and named', async () => {
  const models = join(scratch, 'head-models');
  mkdirSync(models);
  writeTinyModel(models, 'tiny', { logits: 2 }, { labels: ['happy', 'sad'], answers: 'fer2013' });
  const from = ['--set', `modelsDir=${models}`, '--set', 'classify.model=tiny'];
  const folder = cropsOf('contempt', { happy: 2, contempt: 3 });
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
  const run = new Mien(['evaluate', cropsOf('printed', { happy: 3, angry: 2 }), '--set', 'classify.precision=fp32']);
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
  const folder = cropsOf('both', { happy: 3 });
  const training = cropsOf('trained', { sad: 2 });
  const row = (picture: string) => `Test,${picture}.png,0,10,0,0,0,0,0,0,0,0`;
  const votes = table(
    'both.csv',
    `Usage,Image name,${voteColumns.join(',')}\n${[0, 1, 2].map(String).map(row).join('\n')}\n`,
  );
  const run = new Mien(['evaluate', folder, '--votes', votes, '--duplicates-of', training]);
  expect(await run.exited).toBe(0);
  expect(run.stderr).toBe('');
  const result = JSON.parse(run.stdout);
  expect(result).toMatchObject({ n: 3, ferPlus: { n: 3, rule: 'strict majority' } });
  expect(result.withoutDuplicates).toMatchObject({ duplicates: 2, n: 1, ferPlus: { n: 1 } });
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

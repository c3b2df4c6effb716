import { existsSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { imageFile, readPicture } from '../camera/picture.ts';
import { type Classifier, createClassifier } from '../classify/classifier.ts';
import { cutCrop } from '../classify/crop.ts';
import { mostProbable } from '../classify/smooth.ts';
import { describeError, exitCode, MienError } from '../core/errors.ts';
import { configOf, configOptions, modelsDirOf, reproducible } from './options.ts';
import { Progress } from './progress.ts';

interface LabelledFile {
  readonly path: string;
  readonly truth: number;
}

/** Above this share of unreadable pictures the result would be about something else than the folder. */
const maxBadShare = 0.01;

export function evaluateCommand(): Command {
  return configOptions(new Command('evaluate'))
    .description(
      'Measure the model on labelled face crops, through the pre-processing and the model that the device uses; prints JSON.',
    )
    .argument('<dir>', 'a folder with <class>/*.png or .jpg')
    .action(async (folder: string, options) => {
      const config = configOf(options);
      const classifier = await createClassifier({ ...reproducible(config.classify), modelsDir: modelsDirOf(config) });
      process.stdout.write(`${JSON.stringify(await evaluate(folder, classifier), null, 2)}\n`);
    });
}

/** @throws MienError (noInput) for a folder without classes, (badData) when more than 1 % of the pictures are unreadable. */
export async function evaluate(folder: string, classifier: Classifier) {
  const { card, precision } = classifier;
  const files = await listCrops(folder, card.labels);
  const confusion = card.labels.map(() => card.labels.map(() => 0));
  const progress = new Progress('pictures', files.length);
  const unreadable: string[] = [];
  const batchSize = 32;
  let done = 0;
  for (let from = 0; from < files.length; from += batchSize) {
    const batch = files.slice(from, from + batchSize);
    const { crops, read } = readCrops(batch, classifier, unreadable);
    if (read.length > 0) {
      const probabilities = await classifier.classify(
        crops.subarray(0, read.length * cropSize(classifier)),
        read.length,
      );
      for (const [index, file] of read.entries()) {
        const row = confusion[file.truth]!;
        row[card.labels.indexOf(mostProbable(probabilities[index]!))]! += 1;
      }
    }
    done += batch.length;
    progress.update(done);
  }
  progress.finish();
  if (unreadable.length > files.length * maxBadShare) {
    throw new MienError(
      `${unreadable.length} of ${files.length} pictures in ${folder} cannot be read, first: ${unreadable[0]}`,
      {
        code: exitCode.badData,
        remedy: 'Remove or repair them; up to 1 % are passed over',
      },
    );
  }
  for (const fault of unreadable) process.stderr.write(`mien: passed over: ${fault}\n`);
  return {
    model: { name: card.name, precision, sha256: card.files[precision].sha256 },
    ...score(confusion, card.labels),
  };
}

async function listCrops(folder: string, labels: readonly string[]): Promise<LabelledFile[]> {
  const found = existsSync(folder) && statSync(folder).isDirectory() ? await readdir(folder) : undefined;
  // By stat and not by directory entry: a link to a class's folder elsewhere is that class too.
  const classes = found?.filter((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.isDirectory()) ?? [];
  const expected = `expected ${folder}/<class>/*.png with classes ${labels.join(', ')}`;
  const fault = (message: string) =>
    new MienError(`${message} (${expected})`, {
      code: exitCode.noInput,
      remedy: 'Sort the crops into one folder per class',
    });
  if (!found) throw fault(`No such folder: ${folder}`);
  const unknown = classes.filter((name) => !labels.includes(name));
  if (unknown.length > 0) throw fault(`Unknown class ${unknown.join(', ')} in ${folder}`);
  const files: LabelledFile[] = [];
  for (const [truth, label] of labels.entries()) {
    if (!classes.includes(label)) continue;
    const names = (await readdir(join(folder, label))).filter((name) => imageFile.test(name)).sort();
    files.push(...names.map((name) => ({ path: join(folder, label, name), truth })));
  }
  if (files.length === 0) throw fault(`No pictures in ${folder}`);
  return files;
}

function cropSize({ card }: Classifier): number {
  return card.input.width * card.input.height;
}

function readCrops(files: readonly LabelledFile[], classifier: Classifier, unreadable: string[]) {
  const size = cropSize(classifier);
  const crops = new Uint8Array(files.length * size);
  const read: LabelledFile[] = [];
  for (const file of files) {
    try {
      const picture = readPicture(file.path);
      const whole = { x: 0, y: 0, width: picture.cols, height: picture.rows };
      cutCrop(picture, whole, classifier.card.input, crops.subarray(read.length * size, (read.length + 1) * size));
      picture.release();
      read.push(file);
    } catch (error) {
      unreadable.push(describeError(error));
    }
  }
  return { crops, read };
}

/** Accuracy, recall, precision and F1 from a confusion matrix (rows: true class, columns: predicted). */
export function score(confusion: readonly (readonly number[])[], labels: readonly string[]) {
  const n = sum(confusion.flat());
  const perClass = labels.map((label, index) => {
    const hits = confusion[index]![index]!;
    const support = sum(confusion[index]!);
    const predicted = sum(confusion.map((row) => row[index]!));
    // A class without pictures has no recall and takes no part in the mean.
    const recall = support === 0 ? null : hits / support;
    const precision = predicted === 0 ? 0 : hits / predicted;
    return { label, support, recall, precision, f1: hits === 0 ? 0 : (2 * hits) / (support + predicted) };
  });
  const present = perClass.filter(({ support }) => support > 0);
  const by = <Key extends 'recall' | 'precision' | 'f1'>(key: Key) =>
    Object.fromEntries(perClass.map((row) => [row.label, row[key] === null ? null : round(row[key] as number)]));
  return {
    n,
    accuracy: round(sum(perClass.map((_, index) => confusion[index]![index]!)) / n),
    macroF1: round(sum(present.map(({ f1 }) => f1)) / present.length),
    recall: by('recall'),
    precision: by('precision'),
    f1: by('f1'),
    labels,
    confusion,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function round(value: number): number {
  return Number(value.toFixed(4));
}

import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { imageFilePattern, readPicture } from '../../camera/picture.ts';
import { cutCrop, wholePicture } from '../../classify/crop.ts';
import { describeError, exitCode, MienError } from '../../core/errors.ts';
import type { ModelCard } from '../../core/model-card.ts';
import { Progress } from '../progress.ts';

/** One picture of a folder of classes. */
export interface LabelledFile {
  readonly path: string;
  /** Index of its class in the labels of the card. */
  readonly truth: number;
}

/** Pictures as input of the network. */
export interface CropBatch {
  readonly files: readonly LabelledFile[];
  /** uint8 [files, height, width] of the card's input */
  readonly crops: Uint8Array;
}

/** Class names of other public data sets. */
const otherNames: Readonly<Record<string, string>> = {
  anger: 'angry',
  disgusted: 'disgust',
  fearful: 'fear',
  happiness: 'happy',
  sadness: 'sad',
  surprised: 'surprise',
};

/** An expression of many data sets. Models with FER-2013's classes have no label for it. */
const skippedClass = 'contempt';

/** Limit of unusable pictures. Above it the result would not represent the folder. */
export const maxBadShare = 0.01;

const batchSize = 32;

/** @throws MienError (noInput) for a folder without pictures in classes that the model knows. */
export async function listCrops(folder: string, labels: readonly string[]): Promise<LabelledFile[]> {
  const found = existsSync(folder) && statSync(folder).isDirectory() ? await readdir(folder) : undefined;
  // stat follows links: a link to a class folder counts as that class.
  const classes = found?.filter((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.isDirectory()) ?? [];
  const expected = `expected ${folder}/<class>/*.png with classes ${labels.join(', ')}`;
  const fault = (message: string) =>
    new MienError(`${message} (${expected})`, {
      code: exitCode.noInput,
      remedy: 'Sort the crops into one folder per class',
    });
  if (!found) throw fault(`No such folder: ${folder}`);
  const labelOf = (name: string) =>
    [name.toLowerCase(), otherNames[name.toLowerCase()]].find((each) => each && labels.includes(each));
  const unknown = classes.filter((name) => !labelOf(name) && name.toLowerCase() !== skippedClass);
  if (unknown.length > 0) throw fault(`Unknown class ${unknown.join(', ')} in ${folder}`);
  const files: LabelledFile[] = [];
  for (const [truth, label] of labels.entries()) {
    for (const name of classes.filter((each) => labelOf(each) === label).sort()) {
      files.push(...(await picturesIn(join(folder, name))).map((path) => ({ path, truth })));
    }
  }
  if (files.length === 0) throw fault(`No pictures in ${folder}`);
  for (const name of classes.filter((each) => !labelOf(each))) {
    const { length } = await picturesIn(join(folder, name));
    process.stderr.write(`mien: skipped ${length} pictures of ${name}: the model has no such label\n`);
  }
  return files;
}

async function picturesIn(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => imageFilePattern.test(name)).sort();
  return names.map((name) => join(folder, name));
}

/**
 * Reads pictures batch by batch, with progress on stderr. Unreadable pictures are skipped and named on stderr.
 *
 * @throws MienError (badData), at the end, if more than 1 % are unreadable
 */
export async function* readCrops(
  folder: string,
  files: readonly LabelledFile[],
  input: ModelCard['input'],
): AsyncGenerator<CropBatch> {
  const progress = new Progress(`pictures of ${folder}`, files.length);
  const unreadable: string[] = [];
  for (let from = 0; from < files.length; from += batchSize) {
    const wanted = files.slice(from, from + batchSize);
    const batch = readBatch(wanted, input, unreadable);
    if (batch.files.length > 0) yield batch;
    progress.update(from + wanted.length);
  }
  progress.finish();
  if (unreadable.length > files.length * maxBadShare) {
    throw new MienError(
      `${unreadable.length} of ${files.length} pictures in ${folder} cannot be read, first: ${unreadable[0]}`,
      { code: exitCode.badData, remedy: 'Remove or repair them; up to 1 % are skipped' },
    );
  }
  for (const fault of unreadable) process.stderr.write(`mien: skipped: ${fault}\n`);
}

function readBatch(files: readonly LabelledFile[], input: ModelCard['input'], unreadable: string[]): CropBatch {
  const size = input.width * input.height;
  const crops = new Uint8Array(files.length * size);
  const read: LabelledFile[] = [];
  for (const file of files) {
    try {
      const picture = readPicture(file.path);
      cutCrop(picture, wholePicture(picture), input, crops.subarray(read.length * size, (read.length + 1) * size));
      picture.release();
      read.push(file);
    } catch (error) {
      unreadable.push(describeError(error));
    }
  }
  return { files: read, crops: crops.subarray(0, read.length * size) };
}

/** One digest per crop of a batch. Equal pixels give equal digests. */
export function digestCrops({ files, crops }: CropBatch): string[] {
  const size = crops.length / files.length;
  return files.map((_, index) =>
    createHash('sha256')
      .update(crops.subarray(index * size, (index + 1) * size))
      .digest('base64'),
  );
}

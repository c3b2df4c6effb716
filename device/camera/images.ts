import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { wait } from '../core/clock.ts';
import { describeError, exitCode, MienError } from '../core/errors.ts';
import type { Mat } from '../core/opencv.ts';
import { decodedOpener, nextIntact } from './jpeg-reader.ts';
import { orientationOf, sizeAfter } from './orientation.ts';
import { readPicture } from './picture.ts';
import type { FrameSource, SourceOptions } from './source.ts';
import { imageFilePattern } from './source-spec.ts';

/**
 * Plays the pictures of a folder in the order of their names, at the requested rate. A picture that cannot be used is
 * skipped but keeps its number: frame 2 is always the third picture.
 *
 * @throws MienError (noInput) for a folder without pictures, (badData) when none of its pictures can be used.
 */
export async function openImageFolder(folder: string, options: SourceOptions): Promise<FrameSource> {
  const paths = await listPictures(folder);
  return playPictures(new FolderPictures(folder, paths, options), `pictures ${folder}`, options);
}

/**
 * Paths of the pictures of a folder, in the order of their names.
 *
 * @throws MienError (noInput) for a folder without pictures.
 */
export async function listPictures(folder: string): Promise<readonly string[]> {
  const names = (await listFolder(folder)).filter((name) => imageFilePattern.test(name)).sort();
  if (names.length > 0) return names.map((name) => join(folder, name));
  throw new MienError(`No pictures in ${folder} (expected .jpg or .png files)`, {
    code: exitCode.noInput,
    remedy: 'Name a folder that holds the pictures themselves, not folders of them',
  });
}

/**
 * One picture as a recording of one frame, with the same size limits as pictures of a folder. FFmpeg would accept any
 * size.
 */
export async function openImage(path: string, options: SourceOptions): Promise<FrameSource> {
  return playPictures({ count: 1, read: (index) => ({ index, mat: readPicture(path) }) }, `picture ${path}`, options);
}

/** Pictures by number. Numbers keep growing over the rounds of a loop. */
interface Pictures {
  readonly count: number;
  /** The first usable picture from `index` on; undefined where this round has no more. */
  read(index: number): { index: number; mat: Mat } | undefined;
}

class FolderPictures implements Pictures {
  readonly #folder: string;
  readonly #paths: readonly string[];
  readonly #onSkip: (fault: MienError) => void;
  /** Paths that were already reported: each is reported once, not in every round. */
  readonly #reported = new Set<string>();
  #used = 0;

  constructor(folder: string, paths: readonly string[], { onSkip = () => {} }: SourceOptions) {
    this.#folder = folder;
    this.#paths = paths;
    this.#onSkip = onSkip;
  }

  get count(): number {
    return this.#paths.length;
  }

  read(from: number): { index: number; mat: Mat } | undefined {
    const offset = from % this.count;
    for (let at = offset; at < this.count; at++) {
      const mat = this.#readUnlessBad(this.#paths[at]!);
      if (mat) return { index: from - offset + at, mat };
    }
    if (this.#used === 0) throw this.#noneUsable();
    this.#used = 0;
    return undefined;
  }

  #readUnlessBad(path: string): Mat | undefined {
    try {
      const mat = readPicture(path);
      this.#used += 1;
      return mat;
    } catch (error) {
      if (!(error instanceof MienError)) throw error;
      if (!this.#reported.has(path)) this.#onSkip(error);
      this.#reported.add(path);
      return undefined;
    }
  }

  #noneUsable(): MienError {
    return new MienError(`No picture in ${this.#folder} can be used (${this.count} tried)`, {
      code: exitCode.badData,
      remedy: 'Look at one of them with: mien classify PICTURE',
    });
  }
}

async function listFolder(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    throw new MienError(`Folder ${folder} cannot be read (${describeError(error)})`, {
      code: exitCode.noInput,
      remedy: 'Check that this user may read it',
      cause: error,
    });
  }
}

function playPictures(pictures: Pictures, description: string, options: SourceOptions): FrameSource {
  let pending = pictures.read(0);
  if (!pending) throw new Error(`${description}: neither a picture nor a fault`);
  const mounting = orientationOf(options);
  const size = sizeAfter(mounting, { width: pending.mat.cols, height: pending.mat.rows });
  let index = 0;
  let startedAt: number | undefined;
  const take = () => {
    const taken = pending ?? pictures.read(index);
    pending = undefined;
    return taken;
  };
  const next = async (signal: AbortSignal) => {
    if (index >= pictures.count && !options.loop) return undefined;
    const picture = take() ?? (options.loop ? takeFromStart() : undefined);
    if (!picture) return undefined;
    index = picture.index + 1;
    const t = picture.index / options.fps;
    if (options.pace === 'source') {
      startedAt ??= performance.now();
      await wait(Math.max(0, startedAt + t * 1000 - performance.now()), signal);
    }
    return { ...picture, t };
  };
  /** No usable picture is left in this round; continue with the first of the next. */
  const takeFromStart = () => {
    index += pictures.count - (index % pictures.count);
    return pictures.read(index);
  };
  return {
    info: {
      description,
      ...size,
      fps: options.fps,
      live: false,
      frameCount: pictures.count,
      pictures: true,
    },
    read: (signal, readOptions) => nextIntact(() => next(signal), decodedOpener(mounting), readOptions),
    close() {
      pending?.mat.release();
      pending = undefined;
    },
  };
}

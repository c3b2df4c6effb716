import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { wait } from '../core/clock.ts';
import { describeError, exitCode, MienError } from '../core/errors.ts';
import type { Mat } from '../core/opencv.ts';
import { imageFile } from './forms.ts';
import { nextWhole, openDecoded } from './jpeg-reader.ts';
import { readPicture } from './picture.ts';
import type { FrameSource, SourceOptions } from './source.ts';

/**
 * Plays the pictures of a folder in the order of their names, at the rate asked for.
 *
 * @throws MienError (noInput) for a folder without pictures, (badData) for a picture that cannot be used.
 */
export async function openImageFolder(folder: string, options: SourceOptions): Promise<FrameSource> {
  const names = (await listFolder(folder)).filter((name) => imageFile.test(name)).sort();
  if (names.length === 0) {
    throw new MienError(`No pictures in ${folder} (expected .jpg or .png files)`, {
      code: exitCode.noInput,
      remedy: 'Name a folder that holds the pictures themselves, not folders of them',
    });
  }
  return playPictures(
    names.map((name) => join(folder, name)),
    `pictures ${folder}`,
    options,
  );
}

/** One picture as a recording of one frame, under the same bounds as those of a folder: FFmpeg would try any size. */
export async function openImage(path: string, options: SourceOptions): Promise<FrameSource> {
  return playPictures([path], `picture ${path}`, options);
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

function playPictures(paths: readonly string[], description: string, options: SourceOptions): FrameSource {
  let pending: Mat | undefined = readPicture(paths[0]!);
  let index = 0;
  let startedAt: number | undefined;
  const next = async (signal: AbortSignal) => {
    if (index >= paths.length && !options.loop) return undefined;
    const mat = pending ?? readPicture(paths[index % paths.length]!);
    pending = undefined;
    const t = index / options.fps;
    if (options.pace === 'source') {
      startedAt ??= performance.now();
      await wait(Math.max(0, startedAt + t * 1000 - performance.now()), signal);
    }
    return { index: index++, mat, t };
  };
  return {
    info: {
      description,
      width: pending.cols,
      height: pending.rows,
      fps: options.fps,
      live: false,
      frameCount: paths.length,
      pictures: true,
    },
    read: (signal, wish) => nextWhole(() => next(signal), openDecoded, wish),
    close() {
      pending?.release();
      pending = undefined;
    },
  };
}

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { wait } from '../core/clock.ts';
import { exitCode, MienError } from '../core/errors.ts';
import type { Mat } from '../core/opencv.ts';
import { imageFile, readPicture } from './picture.ts';
import type { FrameSource, SourceOptions } from './source.ts';

/**
 * Plays the pictures of a folder in the order of their names, at the rate asked for.
 *
 * @throws MienError (noInput) for a folder without pictures, (badData) for a picture that cannot be used.
 */
export async function openImageFolder(folder: string, options: SourceOptions): Promise<FrameSource> {
  const names = (await readdir(folder)).filter((name) => imageFile.test(name)).sort();
  if (names.length === 0) {
    throw new MienError(`No pictures in ${folder} (expected .jpg or .png files)`, {
      code: exitCode.noInput,
      remedy: 'Name a folder that holds the pictures themselves, not folders of them',
    });
  }
  let pending: Mat | undefined = readPicture(join(folder, names[0]!));
  let index = 0;
  let startedAt: number | undefined;
  return {
    info: {
      description: `pictures ${folder}`,
      width: pending.cols,
      height: pending.rows,
      fps: options.fps,
      live: false,
      frameCount: names.length,
    },
    async read(signal) {
      if (index >= names.length && !options.loop) return undefined;
      const mat = pending ?? readPicture(join(folder, names[index % names.length]!));
      pending = undefined;
      const t = index / options.fps;
      if (options.pace === 'source') {
        startedAt ??= performance.now();
        await wait(Math.max(0, startedAt + t * 1000 - performance.now()), signal);
      }
      return { index: index++, mat, t };
    },
    close() {
      pending?.release();
      pending = undefined;
    },
  };
}

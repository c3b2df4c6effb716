import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import NodeWebcam from 'node-webcam';
import { wait } from '../core/clock.ts';
import { describeError, exitCode, MienError } from '../core/errors.ts';
import type { Mat } from '../core/opencv.ts';
import { decodedOpener, nextIntact } from './jpeg-reader.ts';
import { orientationOf, sizeAfter } from './orientation.ts';
import { decodePicture } from './picture.ts';
import type { FrameSource, SourceOptions } from './source.ts';
import { killWritersTo, makeStillFolder, removeStillFolder } from './still-folder.ts';

/**
 * node-webcam puts the device into a shell command, so only these forms are accepted: a device path, or fswebcam's own
 * FILE: and TEST: sources.
 */
const devicePattern = /^(?:\/dev\/[\w.:+@/-]+|FILE:\/[\w.+@/-]+|TEST:)$/;

/** Time limit for one still; slow cameras need seconds to set their exposure. */
const shotDeadlineMs = 10_000;

/**
 * Takes stills with fswebcam through node-webcam, for cameras that OpenCV cannot open. About one picture per second:
 * the camera is opened and closed for each. A signal aborts a shot and removes its files.
 *
 * @throws MienError (usage) for a device of another form, (noInput) when fswebcam or the device is missing.
 */
export async function openStills(
  device: string,
  options: SourceOptions,
  opening: AbortSignal = new AbortController().signal,
): Promise<FrameSource> {
  if (!devicePattern.test(device)) {
    throw new MienError(
      `Not a still camera: ${JSON.stringify(device)} (expected still:/dev/videoN, still:FILE:/picture.jpg or still:TEST:)`,
      {
        code: exitCode.usage,
        remedy: 'List the cameras with: mien devices',
      },
    );
  }
  const missing = device.startsWith('FILE:') ? device.slice('FILE:'.length) : device;
  if (missing.startsWith('/') && !existsSync(missing)) {
    throw new MienError(`No still camera at ${missing}`, {
      code: exitCode.noInput,
      remedy: 'Check the path, or list the cameras with: mien devices',
    });
  }

  const folder = makeStillFolder();
  const camera = NodeWebcam.create({
    device,
    width: options.width,
    height: options.height,
    quality: 90,
    output: 'jpeg',
    callbackReturn: 'location',
    saveShots: false,
  });
  const shoot = (signal: AbortSignal) => takeShot({ camera, folder, device }, signal);

  const startedAt = performance.now();
  const removeFolder = () => removeStillFolder(folder);
  process.once('exit', removeFolder);
  let pending: Mat | undefined;
  try {
    pending = await shoot(opening);
    if (!pending) throw noPicture(device, 'it was stopped');
  } catch (error) {
    process.removeListener('exit', removeFolder);
    removeFolder();
    throw error;
  }
  const mounting = orientationOf(options);
  let index = 0;
  let lastAt = Number.NEGATIVE_INFINITY;
  const next = async (signal: AbortSignal) => {
    await wait(Math.max(0, lastAt + 1000 / options.fps - performance.now()), signal);
    if (signal.aborted) return undefined;
    lastAt = performance.now();
    const mat = pending ?? (await shoot(signal));
    pending = undefined;
    return mat && { index: index++, mat, t: (performance.now() - startedAt) / 1000 };
  };
  return {
    info: {
      description: `stills from ${device}`,
      ...sizeAfter(mounting, { width: pending.cols, height: pending.rows }),
      fps: Math.min(options.fps, 1),
      live: true,
    },
    read: (signal, readOptions) => nextIntact(() => next(signal), decodedOpener(mounting), readOptions),
    close() {
      pending?.release();
      process.removeListener('exit', removeFolder);
      removeFolder();
    },
  };
}

interface StillCamera {
  readonly camera: NodeWebcam.Webcam;
  readonly folder: string;
  readonly device: string;
}

/**
 * Undefined when the signal aborted it. fswebcam exits with 0 even when it took no picture, so only the file shows
 * success.
 */
async function takeShot({ camera, folder, device }: StillCamera, signal: AbortSignal): Promise<Mat | undefined> {
  const file = join(folder, 'still.jpg');
  await rm(file, { force: true });
  const answered = new AbortController();
  const answer = new Promise<'taken'>((resolve, reject) => {
    camera.capture(file, (error) => (error ? reject(noPicture(device, describeError(error))) : resolve('taken')));
  });
  try {
    const timeout = wait(shotDeadlineMs, AbortSignal.any([signal, answered.signal]));
    if ((await Promise.race([answer, timeout])) !== 'taken') {
      answer.catch(() => {
        // fswebcam is killed below. That rejects this promise, which has no reader any more.
      });
      killWritersTo(folder);
      await rm(file, { force: true });
      if (signal.aborted) return undefined;
      throw noPicture(device, `none within ${shotDeadlineMs / 1000} s`);
    }
  } finally {
    answered.abort();
  }
  if (!existsSync(file)) throw noPicture(device, 'fswebcam wrote none');
  const bytes = await readFile(file);
  await rm(file, { force: true });
  return decodePicture(bytes, `from ${device}`);
}

function noPicture(device: string, reason: string): MienError {
  return new MienError(`No still picture from ${device} (${reason})`, {
    code: exitCode.unavailable,
    remedy: 'Check that fswebcam is installed and that no other program uses the camera',
  });
}

import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import NodeWebcam from 'node-webcam';
import { wait } from '../core/clock.ts';
import { describeError, exitCode, MienError } from '../core/errors.ts';
import type { Mat } from '../core/opencv.ts';
import { decodePicture } from './picture.ts';
import type { FrameSource, SourceOptions } from './source.ts';

/**
 * node-webcam puts the device into a shell command, so nothing but these forms may reach it: a device path, or fswebcam's
 * own FILE: and TEST: sources.
 */
const deviceForm = /^(?:\/dev\/[\w.:+@/-]+|FILE:\/[\w.+@/-]+|TEST:)$/;

/** Followed by the process id and a random part. */
const folderPrefix = 'mien-still-';

/** One still may take this long; slow cameras need seconds to set their exposure. */
const shotDeadlineMs = 10_000;

/**
 * Takes stills with fswebcam through node-webcam, for cameras that OpenCV cannot open. About one picture a second: the
 * camera is opened and closed for each.
 *
 * @throws MienError (usage) for a device of another form, (noInput) when fswebcam or the device is missing.
 */
export async function openStills(device: string, options: SourceOptions): Promise<FrameSource> {
  if (!deviceForm.test(device)) {
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

  // node-webcam can only write to a file. A folder in memory keeps pictures off the disk.
  const memory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
  removeLeftOvers(memory);
  const folder = mkdtempSync(join(memory, `${folderPrefix}${process.pid}-`));
  const camera = NodeWebcam.create({
    device,
    width: options.width,
    height: options.height,
    quality: 90,
    output: 'jpeg',
    callbackReturn: 'location',
    saveShots: false,
  });
  const shoot = () => takeShot(camera, join(folder, 'still.jpg'), device);

  const startedAt = performance.now();
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeFolder);
  let pending: Mat | undefined;
  try {
    pending = await shoot();
  } catch (error) {
    removeFolder();
    throw error;
  }
  let index = 0;
  let lastAt = Number.NEGATIVE_INFINITY;
  return {
    info: {
      description: `stills from ${device}`,
      width: pending.cols,
      height: pending.rows,
      fps: Math.min(options.fps, 1),
      live: true,
    },
    async read(signal) {
      await wait(Math.max(0, lastAt + 1000 / options.fps - performance.now()), signal);
      if (signal.aborted) return undefined;
      lastAt = performance.now();
      const mat = pending ?? (await shoot());
      pending = undefined;
      return { index: index++, mat, t: (performance.now() - startedAt) / 1000 };
    },
    close() {
      pending?.release();
      process.removeListener('exit', removeFolder);
      removeFolder();
    },
  };
}

/** Folders of processes that were killed in the middle of a picture: no picture may outlive the one that took it. */
function removeLeftOvers(memory: string): void {
  for (const name of readdirSync(memory)) {
    const pid = name.startsWith(folderPrefix) ? Number.parseInt(name.slice(folderPrefix.length), 10) : Number.NaN;
    if (pid > 0 && !existsSync(`/proc/${pid}`)) rmSync(join(memory, name), { recursive: true, force: true });
  }
}

/** fswebcam exits 0 when it took no picture, so only the file tells. */
async function takeShot(camera: NodeWebcam.Webcam, file: string, device: string): Promise<Mat> {
  await rm(file, { force: true });
  const deadline = AbortSignal.timeout(shotDeadlineMs);
  await new Promise<void>((resolve, reject) => {
    deadline.addEventListener('abort', () => reject(noPicture(device, `none within ${shotDeadlineMs / 1000} s`)));
    camera.capture(file, (error) => (error ? reject(noPicture(device, describeError(error))) : resolve()));
  });
  if (!existsSync(file)) throw noPicture(device, 'fswebcam wrote none');
  const bytes = await readFile(file);
  await rm(file, { force: true });
  return decodePicture(bytes, `from ${device}`);
}

function noPicture(device: string, why: string): MienError {
  return new MienError(`No still picture from ${device} (${why})`, {
    code: exitCode.unavailable,
    remedy: 'Check that fswebcam is installed and that no other program uses the camera',
  });
}

import { access, constants } from 'node:fs/promises';
import { listCaptureDevices } from '../../camera/devices.ts';
import { runProgram } from '../../core/run-program.ts';
import type { CaptureDevice } from '../../core/types.ts';

/** A frame size of a camera, with its rates. */
export interface CameraMode {
  readonly format: string;
  readonly width: number;
  readonly height: number;
  /** Frames per second, highest first. */
  readonly fps: readonly number[];
}

export interface Camera extends CaptureDevice {
  /** Whether this user may open it. */
  readonly isAccessible: boolean;
  /** Empty if v4l2-ctl is not installed. */
  readonly modes: readonly CameraMode[];
}

/**
 * The cameras for `camera.source: auto`, in its order, with their modes.
 *
 * @param root replaces `/` in tests
 */
export async function listCameras(root = '/'): Promise<readonly Camera[]> {
  return Promise.all(
    listCaptureDevices(root).map(async (device) => ({
      ...device,
      isAccessible: await isAccessible(device.path),
      modes: await listModes(device.path),
    })),
  );
}

/** Whether this user may read and write the path. */
export async function isAccessible(path: string): Promise<boolean> {
  return access(path, constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
}

async function listModes(path: string): Promise<readonly CameraMode[]> {
  const { code, stdout } = await runProgram('v4l2-ctl', ['--device', path, '--list-formats-ext'], 5000);
  return code === 0 ? parseModes(stdout) : [];
}

/** Reads the output of `v4l2-ctl --list-formats-ext`. */
export function parseModes(text: string): readonly CameraMode[] {
  const modes: { format: string; width: number; height: number; fps: number[] }[] = [];
  let format = '';
  for (const line of text.split('\n')) {
    format = /^\s*\[\d+\]: '(\w+)/.exec(line)?.[1] ?? format;
    const size = /Size: Discrete (\d+)x(\d+)/.exec(line);
    if (size) modes.push({ format, width: Number(size[1]), height: Number(size[2]), fps: [] });
    const rate = /\(([\d.]+) fps\)/.exec(line);
    if (rate) modes.at(-1)?.fps.push(Number(rate[1]));
  }
  return modes;
}

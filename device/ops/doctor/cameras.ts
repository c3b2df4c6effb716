import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from './run-program.ts';

/** A size that a camera delivers, and how often. */
export interface CameraMode {
  readonly format: string;
  readonly width: number;
  readonly height: number;
  /** Frames a second, largest first. */
  readonly fps: readonly number[];
}

export interface Camera {
  /** `/dev/video0` */
  readonly path: string;
  /** The link under /dev/v4l/by-id, which stays the same after a restart and in another socket. */
  readonly stablePath: string | undefined;
  readonly name: string;
  /** False for what is built into the board, which is often a codec and no camera. */
  readonly isUsb: boolean;
  /** Whether this user may open it. */
  readonly isAccessible: boolean;
  /** Empty where v4l2-ctl is not installed. */
  readonly modes: readonly CameraMode[];
}

/**
 * The cameras of this machine, USB ones first, from what the kernel says of them.
 *
 * @param root stands for `/` in tests.
 */
export async function listCameras(root = '/'): Promise<readonly Camera[]> {
  const kernel = join(root, 'sys/class/video4linux');
  const nodes = namesIn(kernel).filter((name) => /^video\d+$/.test(name));
  // A camera has several nodes; the one with index 0 delivers pictures, the next one data about them.
  const capturing = nodes.filter((name) => (readLine(join(kernel, name, 'index')) || '0') === '0');
  const links = stableLinks(root);
  const cameras = await Promise.all(capturing.map((name) => describe(root, name, links)));
  return cameras.sort((a, b) => Number(b.isUsb) - Number(a.isUsb) || numberOf(a.path) - numberOf(b.path));
}

async function describe(root: string, name: string, links: ReadonlyMap<string, string>): Promise<Camera> {
  const device = join(root, 'sys/class/video4linux', name, 'device');
  const path = join(root, 'dev', name);
  return {
    path,
    stablePath: links.get(name),
    name: readLine(join(root, 'sys/class/video4linux', name, 'name')) || name,
    isUsb: existsSync(device) && realpathSync(device).includes('/usb'),
    isAccessible: await isAccessible(path),
    modes: await listModes(path),
  };
}

/** `video0` to its link under /dev/v4l/by-id. */
function stableLinks(root: string): ReadonlyMap<string, string> {
  const folder = join(root, 'dev/v4l/by-id');
  const links = namesIn(folder).map((name) => join(folder, name));
  return new Map(links.filter(existsSync).map((link) => [realpathSync(link).split('/').at(-1)!, link]));
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

function namesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

function readLine(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
}

function numberOf(path: string): number {
  return Number(/\d+$/.exec(path)?.[0] ?? 0);
}

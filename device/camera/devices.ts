import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { basename, join, relative } from 'node:path';

/** A camera that V4L2 knows. */
export interface CaptureDevice {
  /** `/dev/video0` */
  readonly path: string;
  /** The link under /dev/v4l/by-id, which stays the same after a restart and in another socket. */
  readonly stablePath: string | undefined;
  /** As the driver calls it. */
  readonly name: string;
  /** False for a virtual one (v4l2loopback, vivid), as tests use them. */
  readonly isUsb: boolean;
}

/**
 * The cameras of this machine, from what the kernel says of them: USB ones first, those with a stable name before those
 * without. Left out is what a board has under /dev/video* besides: the codecs and image processors of a Raspberry Pi are
 * some twenty nodes, and none of them gives a picture.
 *
 * @param root stands for `/` in tests.
 */
export function listCaptureDevices(root = '/'): readonly CaptureDevice[] {
  const links = stableLinks(root);
  return namesIn(join(root, 'sys/class/video4linux'))
    .filter((name) => /^video\d+$/.test(name))
    .flatMap((name) => describe(root, name, links) ?? [])
    .sort(
      (a, b) =>
        Number(b.isUsb) - Number(a.isUsb) ||
        Number(b.stablePath !== undefined) - Number(a.stablePath !== undefined) ||
        (a.stablePath ?? '').localeCompare(b.stablePath ?? '') ||
        numberOf(a.path) - numberOf(b.path),
    );
}

/** Undefined for a node that is no camera, or that is not there for us: a container has few of the nodes, but all of /sys. */
function describe(root: string, name: string, links: ReadonlyMap<string, string>): CaptureDevice | undefined {
  const kernel = join(root, 'sys/class/video4linux', name);
  const path = join(root, 'dev', name);
  // A camera has several nodes; the one with index 0 delivers pictures, the next one data about them.
  if (!existsSync(path) || (readLine(join(kernel, 'index')) || '0') !== '0') return undefined;
  const isUsb = /\/usb\d/.test(realPath(root, join(kernel, 'device')));
  const isVirtual =
    realPath(root, kernel).includes('/virtual/') || basename(realPath(root, join(kernel, 'device/driver'))) === 'vivid';
  if (!isUsb && !isVirtual) return undefined;
  return { path, stablePath: links.get(name), name: readLine(join(kernel, 'name')) || name, isUsb };
}

/** `video0` to its link under /dev/v4l/by-id. */
function stableLinks(root: string): ReadonlyMap<string, string> {
  const folder = join(root, 'dev/v4l/by-id');
  const links = namesIn(folder)
    .map((name) => join(folder, name))
    .filter((link) => existsSync(link));
  return new Map(links.map((link) => [basename(realpathSync(link)), link]));
}

/** Where a link leads, as seen from `root`; empty where there is none. */
function realPath(root: string, path: string): string {
  return existsSync(path) ? `/${relative(realpathSync(root), realpathSync(path))}` : '';
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

import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import type { CaptureDevice } from '../core/types.ts';

/**
 * The cameras of this machine, from sysfs: USB cameras first, cameras with a stable name before those without. Other
 * nodes under /dev/video* are left out: the codecs and image processors of a Raspberry Pi are about twenty nodes, and
 * none of them delivers a picture.
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

/**
 * Undefined for a node that is not a camera, or whose device file is missing: a container sees all of /sys but only the
 * devices that were passed in.
 */
function describe(root: string, name: string, links: ReadonlyMap<string, string>): CaptureDevice | undefined {
  const kernel = join(root, 'sys/class/video4linux', name);
  const path = join(root, 'dev', name);
  // A camera has several nodes. The node with index 0 delivers pictures, the next one metadata.
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

/** Target of a link, relative to `root`; empty where the link is missing. */
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

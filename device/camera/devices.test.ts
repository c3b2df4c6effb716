import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { exitCode } from '../core/errors.ts';
import { scratchFolder } from '../lab/fixtures/scratch.ts';
import { listCaptureDevices } from './devices.ts';
import { openSource } from './open.ts';

const scratch = scratchFolder();
const options = { width: 640, height: 480, fps: 30, loop: false, pace: 'max' } as const;

interface Node {
  readonly name: string;
  /** Folder of its device under /sys/devices. */
  readonly device: string;
  readonly index?: number;
  /** Name of its link under /dev/v4l/by-id. */
  readonly byId?: string;
  readonly driver?: string;
}

/** A fake root folder with these nodes, linked as by the kernel and udev. */
function rootOf(name: string, nodes: readonly Node[]): string {
  const root = join(scratch, name);
  for (const folder of ['dev/v4l/by-id', 'sys/class/video4linux']) mkdirSync(join(root, folder), { recursive: true });
  for (const node of nodes) {
    const device = join(root, 'sys/devices', node.device);
    const kernel = join(device, 'video4linux', node.name);
    mkdirSync(kernel, { recursive: true });
    writeFileSync(join(kernel, 'index'), `${node.index ?? 0}\n`);
    writeFileSync(join(kernel, 'name'), `${node.name} of ${node.device}\n`);
    symlinkSync(relative(join(root, 'sys/class/video4linux'), kernel), join(root, 'sys/class/video4linux', node.name));
    // Virtual nodes have no device link.
    if (node.device !== 'virtual') symlinkSync('../..', join(kernel, 'device'));
    if (node.driver) {
      mkdirSync(join(root, 'sys/bus/platform/drivers', node.driver), { recursive: true });
      symlinkSync(join(root, 'sys/bus/platform/drivers', node.driver), join(device, 'driver'));
    }
    writeFileSync(join(root, 'dev', node.name), '');
    if (node.byId) symlinkSync(`../../${node.name}`, join(root, 'dev/v4l/by-id', node.byId));
  }
  return root;
}

function pathsIn(root: string): readonly string[] {
  return listCaptureDevices(root).map(({ path, stablePath }) => relative(root, stablePath ?? path));
}

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);
/**
 * Codec and image processor: each node of the codec has index 0 of its own device, so only the bus distinguishes them.
 */
const pi4: readonly Node[] = numbers(10, 31).map((number) => ({
  name: `video${number}`,
  device: `platform/soc/soc:firmware/bcm2835-codec.${number}`,
}));
const pi5: readonly Node[] = [...numbers(0, 7), ...numbers(19, 35)].map((number) => ({
  name: `video${number}`,
  device: `platform/axi/1000120000.pcie/1f00110000.csi.${number}`,
}));
const webcam = (from: number, device: string, byId?: string): readonly Node[] =>
  [0, 1].map((index) => ({
    name: `video${from + index}`,
    device: `platform/scb/fd500000.pcie/usb1/${device}`,
    index,
    ...(byId && { byId: `usb-${byId}-video-index${index}` }),
  }));

test.each([
  ['Pi 4', pi4],
  ['Pi 5', pi5],
])('codecs and image processors of a %s are not listed as cameras', (name, nodes) => {
  expect(listCaptureDevices(rootOf(name, nodes))).toEqual([]);
});

test.each([
  ['Pi 4', pi4, 0],
  ['Pi 5', pi5, 8],
])('the USB camera of a %s is listed by the node that delivers pictures', (name, nodes, at) => {
  const root = rootOf(`${name} with camera`, [...nodes, ...webcam(at, '1-1/1-1:1.0')]);
  expect(listCaptureDevices(root)).toEqual([
    {
      path: join(root, `dev/video${at}`),
      stablePath: undefined,
      name: `video${at} of platform/scb/fd500000.pcie/usb1/1-1/1-1:1.0`,
      isUsb: true,
    },
  ]);
});

test('cameras with stable names come first, in an order that survives a restart', () => {
  const root = rootOf('three', [
    ...webcam(0, '1-1/1-1:1.0', 'Zeta_Cam'),
    ...webcam(2, '1-2/1-2:1.0'),
    ...webcam(4, '1-3/1-3:1.0', '046d_C920_1234'),
  ]);
  expect(pathsIn(root)).toEqual([
    'dev/v4l/by-id/usb-046d_C920_1234-video-index0',
    'dev/v4l/by-id/usb-Zeta_Cam-video-index0',
    'dev/video2',
  ]);
});

test('without stable names USB cameras are listed by number', () => {
  expect(pathsIn(rootOf('numbers', [...webcam(10, '1-1/1-1:1.0'), ...webcam(2, '1-2/1-2:1.0')]))).toEqual([
    'dev/video2',
    'dev/video10',
  ]);
});

test('virtual cameras are listed after USB cameras', () => {
  const root = rootOf('virtual', [
    { name: 'video0', device: 'virtual' },
    { name: 'video1', device: 'platform/vivid.0', driver: 'vivid' },
    { name: 'video2', device: 'platform/vivid.0', index: 1 },
    ...webcam(6, '1-1/1-1:1.0'),
    ...pi4,
  ]);
  expect(pathsIn(root)).toEqual(['dev/video6', 'dev/video0', 'dev/video1']);
  expect(listCaptureDevices(root).map(({ isUsb }) => isUsb)).toEqual([true, false, false]);
});

test('a camera that is not passed into the container is not listed', () => {
  const root = rootOf('container', [...webcam(0, '1-1/1-1:1.0'), ...webcam(2, '1-2/1-2:1.0')]);
  rmSync(join(root, 'dev/video0'));
  expect(pathsIn(root)).toEqual(['dev/video2']);
});

test('without a camera the list is empty', () => {
  expect(listCaptureDevices(rootOf('none', []))).toEqual([]);
  expect(listCaptureDevices(join(scratch, 'nowhere'))).toEqual([]);
});

test.each(['/dev/video99', '99', '/dev/v4l/by-id/usb-Nobody-video-index0'])(
  'the missing source %s is named, exit code 66',
  async (spec) => {
    await expect(openSource(spec, options)).rejects.toMatchObject({
      name: 'MienError',
      code: exitCode.noInput,
      message: `No camera at ${spec === '99' ? '/dev/video99' : spec} (expected a V4L2 device)`,
      remedy: 'Plug it in, or list what is there with: mien devices',
    });
  },
);

test('a device that is not a camera fails with exit code 69', async () => {
  await expect(openSource('/dev/null', options)).rejects.toMatchObject({
    name: 'MienError',
    code: exitCode.unavailable,
    message: 'Camera /dev/null cannot be opened',
    remedy: expect.stringMatching(/group video; or try camera\.source still:\/dev\/null$/),
  });
});

const cameras = listCaptureDevices();

test.skipIf(cameras.length > 0)('auto without a camera fails with a remedy and exit code 66', async () => {
  await expect(openSource('auto', options)).rejects.toMatchObject({
    name: 'MienError',
    code: exitCode.noInput,
    message: 'No USB camera found (expected one under /dev/v4l/by-id or /dev/video*)',
    remedy: 'Plug one in, or set camera.source to a file, a URL or demo',
  });
});

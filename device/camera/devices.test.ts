import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exitCode } from '../core/errors.ts';
import { scratchFolder } from '../test/scratch.ts';
import { listCaptureDevices } from './devices.ts';
import { openSource } from './open.ts';

const scratch = scratchFolder();
const options = { width: 640, height: 480, fps: 30, loop: false, pace: 'max' } as const;

/** A made-up root folder with these device nodes and these by-id names. */
function rootOf(name: string, nodes: readonly string[], byId: readonly string[] = []): string {
  const root = join(scratch, name);
  mkdirSync(join(root, 'dev'), { recursive: true });
  for (const node of nodes) writeFileSync(join(root, 'dev', node), '');
  if (byId.length > 0) mkdirSync(join(root, 'dev/v4l/by-id'), { recursive: true });
  for (const link of byId) symlinkSync('../../video0', join(root, 'dev/v4l/by-id', link));
  return root;
}

test('stable names come first, and of each camera the node that delivers pictures', async () => {
  const root = rootOf(
    'two',
    ['video0', 'video1', 'video2', 'video3'],
    [
      'usb-Zeta_Cam-video-index0',
      'usb-046d_C920_1234-video-index0',
      'usb-046d_C920_1234-video-index1',
      'usb-Zeta_Cam-video-index1',
    ],
  );
  expect(await listCaptureDevices(root)).toEqual([
    join(root, 'dev/v4l/by-id/usb-046d_C920_1234-video-index0'),
    join(root, 'dev/v4l/by-id/usb-Zeta_Cam-video-index0'),
  ]);
});

test('without stable names the nodes are listed by number, and nothing that is no camera', async () => {
  const root = rootOf('nodes', ['video10', 'video2', 'videodev', 'null']);
  expect(await listCaptureDevices(root)).toEqual([join(root, 'dev/video2'), join(root, 'dev/video10')]);
});

test('no camera, no list', async () => {
  expect(await listCaptureDevices(rootOf('none', ['null']))).toEqual([]);
  expect(await listCaptureDevices(join(scratch, 'nowhere'))).toEqual([]);
});

test.each(['/dev/video99', '99', '/dev/v4l/by-id/usb-Nobody-video-index0'])(
  'source %s, which is not there, is named with exit code 66',
  async (spec) => {
    await expect(openSource(spec, options)).rejects.toMatchObject({
      name: 'MienError',
      code: exitCode.noInput,
      message: `No camera at ${spec === '99' ? '/dev/video99' : spec} (expected a V4L2 device)`,
      remedy: 'Plug it in, or list what is there with: mien devices',
    });
  },
);

test('a device that is no camera cannot be opened, with exit code 69', async () => {
  await expect(openSource('/dev/null', options)).rejects.toMatchObject({
    name: 'MienError',
    code: exitCode.unavailable,
    message: 'Camera /dev/null cannot be opened',
    remedy: expect.stringMatching(/group video; or try camera\.source still:\/dev\/null$/),
  });
});

const cameras = await listCaptureDevices();

test.skipIf(cameras.length > 0)('auto without a camera says what to do, with exit code 66', async () => {
  await expect(openSource('auto', options)).rejects.toMatchObject({
    name: 'MienError',
    code: exitCode.noInput,
    message: 'No USB camera found (expected one under /dev/v4l/by-id or /dev/video*)',
    remedy: 'Plug one in, or set camera.source to a file, a URL or demo',
  });
});

import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TestFolder } from '../../lab/fixtures/scratch.ts';
import { checkCamera } from './camera.ts';
import { listCameras, parseModes } from './cameras.ts';

const folder = new TestFolder();

/** A machine with a USB camera of two nodes and a codec of the board, as the kernel shows them. */
function pluginCameras(): void {
  const nodes = [
    ['video0', 'bcm2835-codec', '0', 'platform/bcm'],
    ['video2', 'HD Webcam', '0', 'pci0/usb1/1-1'],
    ['video3', 'HD Webcam', '1', 'pci0/usb1/1-1'],
  ] as const;
  for (const [node, name, index, device] of nodes) {
    folder.write(`sys/class/video4linux/${node}/name`, `${name}\n`);
    folder.write(`sys/class/video4linux/${node}/index`, `${index}\n`);
    mkdirSync(join(folder.path, 'sys/devices', device), { recursive: true });
    symlinkSync(join(folder.path, 'sys/devices', device), join(folder.path, 'sys/class/video4linux', node, 'device'));
    folder.write(`dev/${node}`);
  }
  mkdirSync(join(folder.path, 'dev/v4l/by-id'), { recursive: true });
  symlinkSync('../../video2', join(folder.path, 'dev/v4l/by-id/usb-HD_Webcam-video-index0'));
}

describe('cameras', () => {
  it('lists what auto chooses from, with the name that stays and whether this user may open it', async () => {
    pluginCameras();
    expect(await listCameras(folder.path)).toMatchObject([
      {
        path: join(folder.path, 'dev/video2'),
        stablePath: join(folder.path, 'dev/v4l/by-id/usb-HD_Webcam-video-index0'),
        name: 'HD Webcam',
        isUsb: true,
        isAccessible: true,
      },
    ]);
  });

  it('reads what v4l2-ctl says of sizes and rates', () => {
    const text = [
      "\t[0]: 'MJPG' (Motion-JPEG, compressed)",
      '\t\tSize: Discrete 640x480',
      '\t\t\tInterval: Discrete 0.033s (30.000 fps)',
      '\t\t\tInterval: Discrete 0.067s (15.000 fps)',
      "\t[1]: 'YUYV' (YUYV 4:2:2)",
      '\t\tSize: Discrete 1280x720',
    ].join('\n');
    expect(parseModes(text)).toEqual([
      { format: 'MJPG', width: 640, height: 480, fps: [30, 15] },
      { format: 'YUYV', width: 1280, height: 720, fps: [] },
    ]);
  });

  it('checks the source that the configuration names', async () => {
    expect(await checkCamera('auto', folder.path)).toMatchObject({ state: 'fail', detail: 'no USB camera found' });
    pluginCameras();
    expect(await checkCamera('auto', folder.path)).toMatchObject({
      state: 'ok',
      detail: expect.stringContaining('HD Webcam'),
    });
    expect(await checkCamera('2', folder.path)).toMatchObject({ state: 'ok' });
    expect(await checkCamera('/dev/video9', folder.path)).toMatchObject({
      state: 'fail',
      remedy: expect.stringContaining('mien devices'),
    });
    expect(await checkCamera(folder.write('clip.mp4', 'x'))).toMatchObject({ state: 'ok' });
    expect(await checkCamera(folder.write('empty.mp4'))).toMatchObject({
      state: 'fail',
      detail: expect.stringContaining('empty'),
    });
    expect(await checkCamera(join(folder.path, 'dev'))).toMatchObject({
      state: 'fail',
      detail: expect.stringContaining('no pictures'),
    });
    // One that OpenCV reads like any other.
    folder.write('pictures/1.pgm');
    expect(await checkCamera(join(folder.path, 'pictures'))).toMatchObject({ state: 'ok' });
    expect(await checkCamera('demo')).toMatchObject({ state: 'ok' });
  });

  it('says that a stream does not answer, without its password', async () => {
    const finding = await checkCamera('rtsp://me:hunter2@127.0.0.1:1/live');
    expect(finding).toMatchObject({ state: 'warn', detail: expect.stringContaining('rtsp://***@127.0.0.1:1/***') });
    expect(JSON.stringify(finding)).not.toContain('hunter2');
  });
});

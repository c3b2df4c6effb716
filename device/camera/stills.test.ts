import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { exitCode } from '../core/errors.ts';
import { cv } from '../core/opencv.ts';
import { until } from '../lab/fixtures/mien.ts';
import { greyPicture, shadeOf } from '../lab/fixtures/pictures.ts';
import { scratchFolder } from '../lab/fixtures/scratch.ts';
import { openSource } from './open.ts';

// fswebcam itself runs here; its TEST: and FILE: sources need no camera.
const folder = scratchFolder();
const options = { width: 320, height: 240, fps: 50, loop: false, pace: 'max' } as const;
const { signal } = new AbortController();

/** Folders of this process that may hold a picture. */
function leftBehind(): string[] {
  return readdirSync('/dev/shm').filter((name) => name.startsWith(`mien-still-${process.pid}-`));
}

afterEach(() => expect(leftBehind()).toEqual([]));

test('TEST: delivers one picture per shot at the requested size and leaves no file', async () => {
  const source = await openSource('still:TEST:', options);
  expect(source.info).toMatchObject({ description: 'stills from TEST:', width: 320, height: 240, live: true });
  const first = (await source.read(signal))!;
  const second = (await source.read(signal))!;
  expect([first.index, second.index]).toEqual([0, 1]);
  expect(second.t).toBeGreaterThan(first.t);
  expect([second.mat.cols, second.mat.rows]).toEqual([320, 240]);
  // fswebcam's test picture is colour bars: a picture of one shade would mean that no picture was taken.
  const { maxVal, minVal } = second.mat.cvtColor(cv.COLOR_BGR2GRAY).minMaxLoc();
  expect(maxVal - minVal).toBeGreaterThan(50);
  // Between two shots the picture is in memory only.
  expect(leftBehind().map((name) => readdirSync(join('/dev/shm', name)))).toEqual([[]]);
  source.close();
});

test('FILE: delivers the picture of a file', async () => {
  const path = join(folder, 'portrait.jpg');
  cv.imwrite(path, greyPicture(140, 320, 240));
  const source = await openSource(`still:FILE:${path}`, options);
  const frame = (await source.read(signal))!;
  expect([frame.mat.cols, frame.mat.rows]).toEqual([320, 240]);
  expect(Math.abs(shadeOf(frame.mat) - 140)).toBeLessThan(5);
  source.close();
});

test('an abort signal ends the wait for the next shot', async () => {
  const stop = new AbortController();
  const source = await openSource('still:TEST:', { ...options, fps: 0.1 });
  await source.read(stop.signal);
  const second = source.read(stop.signal);
  stop.abort();
  expect(await second).toBeUndefined();
  source.close();
});

/** A fake fswebcam that writes half a picture and then hangs, as with a camera that stopped answering. */
function withStuckFswebcam(): { pid: () => number | undefined; undo: () => void } {
  const bin = join(folder, 'stuck');
  mkdirSync(bin, { recursive: true });
  writeFileSync(
    join(bin, 'fswebcam'),
    `#!/bin/sh\nfor file; do :; done\necho half > "$file"\necho $$ > ${bin}/pid\nwhile :; do sleep 1; done\n`,
    { mode: 0o755 },
  );
  const path = process.env.PATH;
  process.env.PATH = `${bin}:${path}`;
  return {
    pid: () => (existsSync(join(bin, 'pid')) ? Number(readFileSync(join(bin, 'pid'), 'utf8')) || undefined : undefined),
    undo() {
      process.env.PATH = path;
      rmSync(bin, { recursive: true });
    },
  };
}

/** Whether the process has ended; a zombie counts as ended. */
function hasEnded(pid: number): boolean {
  return !existsSync(`/proc/${pid}`) || /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

test('an abort signal during a shot leaves no picture and no fswebcam process', async () => {
  const stop = new AbortController();
  const source = await openSource('still:TEST:', options);
  (await source.read(signal))!.mat.release();
  const stuck = withStuckFswebcam();
  try {
    const shot = source.read(stop.signal);
    const pid = await until(stuck.pid);
    expect(leftBehind().flatMap((name) => readdirSync(join('/dev/shm', name)))).toEqual(['still.jpg']);
    stop.abort();
    expect(await shot).toBeUndefined();
    source.close();
    expect(leftBehind()).toEqual([]);
    await until(() => hasEnded(pid) || undefined);
  } finally {
    stuck.undo();
  }
});

test('an abort signal ends an opening', async () => {
  const stop = new AbortController();
  const stuck = withStuckFswebcam();
  try {
    const opening = openSource('still:TEST:', options, stop.signal).catch((error: unknown) => error);
    const pid = await until(stuck.pid);
    stop.abort();
    expect(await opening).toMatchObject({ message: 'No still picture from TEST: (it was stopped)' });
    expect(leftBehind()).toEqual([]);
    await until(() => hasEnded(pid) || undefined);
  } finally {
    stuck.undo();
  }
});

test.each(['FILE:/nowhere/portrait.jpg', '/dev/video99'])(
  'the missing source %s fails with exit code 66',
  async (device) => {
    await expect(openSource(`still:${device}`, options)).rejects.toMatchObject({
      name: 'MienError',
      code: exitCode.noInput,
      message: `No still camera at ${device.replace('FILE:', '')}`,
      remedy: 'Check the path, or list the cameras with: mien devices',
    });
  },
);

test('a file that fswebcam cannot read fails with exit code 69', async () => {
  const path = join(folder, 'text.jpg');
  writeFileSync(path, 'not a picture');
  await expect(openSource(`still:FILE:${path}`, options)).rejects.toMatchObject({
    name: 'MienError',
    code: exitCode.unavailable,
    message: expect.stringMatching(/^No still picture from FILE:[^\n]+text\.jpg \([^\n]+\)$/),
    remedy: 'Check that fswebcam is installed and that no other program uses the camera',
  });
});

test('without fswebcam the remedy names it', async () => {
  const path = process.env.PATH;
  process.env.PATH = folder;
  try {
    await expect(openSource('still:TEST:', options)).rejects.toMatchObject({
      code: exitCode.unavailable,
      message: expect.stringMatching(/^No still picture from TEST: \([^\n]+\)$/),
      remedy: expect.stringContaining('fswebcam is installed'),
    });
  } finally {
    process.env.PATH = path;
  }
});

test.each([
  'TEST:; touch INJECTED',
  'TEST:$(touch INJECTED)',
  'TEST:\ntouch INJECTED',
  '/dev/video0 && touch INJECTED',
  '/dev/video0|touch$IFS-INJECTED',
  'FILE:/tmp/`touch INJECTED`.jpg',
  "FILE:/tmp/'a.jpg",
  'FILE:portrait.jpg',
  '-c /etc/passwd',
  '',
])('a device name with shell syntax is refused before it reaches the shell: %j', async (device) => {
  await expect(openSource(`still:${device}`, options)).rejects.toMatchObject({
    name: 'MienError',
    code: exitCode.usage,
    message: `Not a still camera: ${JSON.stringify(device)} (expected still:/dev/videoN, still:FILE:/picture.jpg or still:TEST:)`,
  });
  expect(readdirSync(process.cwd())).not.toContain('INJECTED');
});

test('opening any source removes still folders of killed processes and keeps those of running ones', async () => {
  // Process ids end at 4,194,304 (PID_MAX_LIMIT of 64-bit Linux).
  const dead = '/dev/shm/mien-still-4194305-abc';
  const living = `/dev/shm/mien-still-${process.ppid}-test`;
  for (const path of [dead, living]) mkdirSync(path, { recursive: true });
  writeFileSync(join(dead, 'still.jpg'), 'a picture');
  const portrait = join(folder, 'other-source.png');
  cv.imwrite(portrait, greyPicture(140));
  const source = await openSource(portrait, options);
  source.close();
  const names = readdirSync('/dev/shm');
  expect(names).not.toContain('mien-still-4194305-abc');
  expect(names).toContain(`mien-still-${process.ppid}-test`);
  rmSync(living, { recursive: true });
});

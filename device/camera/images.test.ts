import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exitCode } from '../core/errors.ts';
import { cv } from '../core/opencv.ts';
import { greyPicture, pngHeader, shadeOf } from '../lab/fixtures/pictures.ts';
import { scratchFolder } from '../lab/fixtures/scratch.ts';
import { openSource } from './open.ts';

const root = scratchFolder();
const options = { width: 640, height: 480, fps: 10, loop: false, pace: 'max' } as const;
const { signal } = new AbortController();

/** A folder with pictures of these names and grey levels. */
function folderOf(name: string, pictures: Readonly<Record<string, number>>): string {
  const folder = join(root, name);
  mkdirSync(folder);
  for (const [file, shade] of Object.entries(pictures)) cv.imwrite(join(folder, file), greyPicture(shade));
  return folder;
}

test('the pictures of a folder are played once, in order of name, at the requested rate', async () => {
  const folder = folderOf('three', { 'b.png': 100, 'a.jpg': 50, 'c.png': 150 });
  writeFileSync(join(folder, 'notes.txt'), 'no picture');
  const source = await openSource(folder, options);
  expect(source.info).toMatchObject({ width: 64, height: 48, fps: 10, live: false, frameCount: 3 });
  const seen = [];
  for (let frame = await source.read(signal); frame; frame = await source.read(signal)) {
    seen.push({ index: frame.index, t: frame.t, shade: Math.round(shadeOf(frame.mat) / 10) * 10 });
  }
  source.close();
  expect(seen).toEqual([
    { index: 0, t: 0, shade: 50 },
    { index: 1, t: 0.1, shade: 100 },
    { index: 2, t: 0.2, shade: 150 },
  ]);
});

test('a loop restarts with the first picture and continues the numbering', async () => {
  const source = await openSource(folderOf('two', { 'a.png': 50, 'b.png': 100 }), { ...options, loop: true });
  const seen = [];
  for (let i = 0; i < 5; i++) {
    const frame = (await source.read(signal))!;
    seen.push([frame.index, frame.t, shadeOf(frame.mat)]);
  }
  source.close();
  expect(seen).toEqual([0, 1, 2, 3, 4].map((index) => [index, index / 10, index % 2 === 0 ? 50 : 100]));
});

test('an empty folder fails with its name and exit code 66', async () => {
  const folder = folderOf('empty', {});
  await expect(openSource(folder, options)).rejects.toMatchObject({
    name: 'MienError',
    code: exitCode.noInput,
    message: `No pictures in ${folder} (expected .jpg or .png files)`,
    remedy: 'Name a folder that holds the pictures themselves, not folders of them',
  });
});

/** A folder with two pictures, and unusable files with picture names before, between and after them. */
function folderWithBad(name: string): string {
  const folder = folderOf(name, { '1.png': 50, '3.png': 100 });
  writeFileSync(join(folder, '._1.jpg'), 'Mac OS X        ');
  writeFileSync(join(folder, '2.jpg'), '');
  symlinkSync(join(folder, 'nowhere.png'), join(folder, '4.png'));
  mkdirSync(join(folder, '5.png'));
  return folder;
}

test('unusable pictures are skipped and reported, and the others keep their numbers', async () => {
  const folder = folderWithBad('broken');
  const skipped: string[] = [];
  const source = await openSource(folder, { ...options, onSkip: ({ message }) => skipped.push(message) });
  expect(await source.read(signal)).toMatchObject({ index: 1, t: 0.1 });
  expect(await source.read(signal)).toMatchObject({ index: 3 });
  expect(await source.read(signal)).toBeUndefined();
  source.close();
  expect(skipped.map((message) => /[\w.]+\.(?:jpg|png)/.exec(message.replace(root, ''))?.[0])).toEqual([
    '._1.jpg',
    '2.jpg',
    '4.png',
    '5.png',
  ]);
});

test('a loop skips an unusable picture in each round and reports it once', async () => {
  const skipped: string[] = [];
  const onSkip = ({ message }: Error) => skipped.push(message);
  const source = await openSource(folderWithBad('looped'), { ...options, loop: true, onSkip });
  const seen = [];
  for (let count = 0; count < 6; count++) {
    const { index, mat } = (await source.read(signal))!;
    seen.push([index, shadeOf(mat)]);
  }
  source.close();
  expect(seen).toEqual([
    [1, 50],
    [3, 100],
    [7, 50],
    [9, 100],
    [13, 50],
    [15, 100],
  ]);
  expect(skipped).toHaveLength(4);
});

test('a folder without a usable picture is a fault, also when it becomes one later', async () => {
  const none = {
    name: 'MienError',
    code: exitCode.badData,
    message: expect.stringMatching(/^No picture in .* \(1 tried\)$/),
  };
  const folder = folderOf('none', {});
  writeFileSync(join(folder, 'a.png'), 'not a picture');
  await expect(openSource(folder, options)).rejects.toMatchObject(none);
  cv.imwrite(join(folder, 'a.png'), greyPicture(50));
  const source = await openSource(folder, { ...options, loop: true });
  await source.read(signal);
  writeFileSync(join(folder, 'a.png'), 'not a picture');
  await expect(source.read(signal)).rejects.toMatchObject(none);
  source.close();
});

test('one picture is a recording of one frame, with the same size limits', async () => {
  const folder = folderOf('single', { 'a.png': 50 });
  const source = await openSource(join(folder, 'a.png'), options);
  expect(await source.read(signal)).toMatchObject({ index: 0, t: 0 });
  expect(await source.read(signal)).toBeUndefined();
  source.close();
  const huge = join(folder, 'huge.png');
  writeFileSync(huge, pngHeader(20_000, 20_000));
  await expect(openSource(huge, options)).rejects.toMatchObject({
    code: exitCode.badData,
    message: `Picture ${huge} cannot be used: 20000x20000 pixels, expected at most 16384 a side`,
  });
});

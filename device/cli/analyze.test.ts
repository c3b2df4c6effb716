import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { exitCode } from '../core/errors.ts';
import { cv } from '../core/opencv.ts';
import { blazefaceFile } from '../detect/choose.ts';
import { type AnalyzedLine, analyze, linesOf, mien, modelsWithoutYunet } from '../lab/fixtures/analysis.ts';
import { Mien } from '../lab/fixtures/mien.ts';
import { greyPicture, writeClip } from '../lab/fixtures/pictures.ts';
import { scratchFolder } from '../lab/fixtures/scratch.ts';
import { blazefaceDir, modelsDir, yunetDir } from '../lab/fixtures/shared.ts';

/** Each test runs the program once or more, which takes a busy machine ten times as long. */
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const scratch = scratchFolder();
describe('mien analyze --json over the built-in clip', () => {
  let lines: AnalyzedLine[] = [];
  beforeAll(async () => {
    lines = await analyze('demo');
  });

  test('prints exactly one line of the documented shape per frame, in order', () => {
    expect(lines.map(({ frame }) => frame)).toEqual(Array.from({ length: 384 }, (_, frame) => frame));
    for (const [at, { t, width, height }] of lines.entries()) {
      expect({ width, height }).toEqual({ width: 640, height: 480 });
      expect(t).toBeCloseTo(at / 24, 2);
    }
  });

  const title = 'finds the visitors while they are there, each as one person, and nobody before and after';
  test(title, ({ skip }) => {
    skip(yunetDir !== modelsDir, 'YuNet is absent; get it with: mien models pull');
    const facesBetween = (from: number, to: number) =>
      lines.filter(({ t }) => t >= from && t < to).map(({ faces }) => faces.length);
    const share = (counts: readonly number[], least: number) =>
      counts.filter((count) => count >= least).length / counts.length;
    // make-clip.ts: the first is fully in the picture from 2.6 to 11.5 s, the second from 8.5 to 12.5 s.
    expect(share(facesBetween(2.6, 11.5), 1)).toBeGreaterThan(0.95);
    expect(share(facesBetween(8.5, 11.5), 2)).toBeGreaterThan(0.9);
    expect(facesBetween(0, 0.8)).toEqual(Array.from({ length: 20 }, () => 0));
    expect(Math.max(...facesBetween(14.5, 16))).toBe(0);
    expect(new Set(lines.flatMap(({ faces }) => faces.map(({ track }) => track)))).toEqual(new Set([1, 2]));
  });

  test('gives probabilities that sum to 1, and boxes within the picture or at its edge', () => {
    for (const { faces, width, height } of lines) {
      for (const { probabilities, box } of faces) {
        expect(Object.values(probabilities).reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 2);
        expect(box.x + box.width / 2).toBeGreaterThan(0);
        expect(box.x + box.width / 2).toBeLessThan(width);
        expect(box.y + box.height / 2).toBeGreaterThan(0);
        expect(box.y + box.height / 2).toBeLessThan(height);
      }
    }
  });
});

test('without --json it prints a summary that names people and models', async () => {
  const { code, stdout } = await mien('analyze', 'demo', '--frames', '60');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^demo: 60 frames of 640x480, faces in \d+, at most \d at once\n/);
  expect(stdout).toMatch(/\ndetector .+, model residual-cnn \((fp32|int8)\)\n/);
  expect(stdout).toMatch(
    /\n {2}person {2}1 {2}\d\.\d to \d\.\d s, \d+ frames: \w+ \d+%.*; \d+ label changes?( \(\d+\.\d a minute\))?\n/,
  );
  expect(stdout).toMatch(
    /\nlooked happy: (\d+% of the time that people were given an expression|unknown, no face was given an expression)\n$/,
  );
});

test.skipIf(!blazefaceDir)('without YuNet BlazeFace finds the visitor, and a line says so', async () => {
  const folder = modelsWithoutYunet(scratch);
  copyFileSync(join(blazefaceDir!, blazefaceFile), join(folder, blazefaceFile));
  const { code, stdout, stderr } = await mien(
    'analyze',
    'demo',
    '--json',
    '--frames',
    '90',
    '--set',
    `modelsDir=${folder}`,
  );
  expect(code).toBe(0);
  expect(stderr).toBe(
    'mien: Faces are found by BlazeFace, because YuNet is not there. Get YuNet with: mien models pull yunet\n',
  );
  const near = linesOf(stdout).slice(65);
  expect(near.filter(({ faces }) => faces.length === 1).length / near.length).toBeGreaterThan(0.95);
});

test('without YuNet and BlazeFace the cascade finds the visitor, and the warning says how to get the better one', async () => {
  const { code, stdout, stderr } = await mien(
    'analyze',
    'demo',
    '--json',
    '--frames',
    '90',
    '--set',
    `modelsDir=${modelsWithoutYunet(scratch)}`,
  );
  expect(code).toBe(0);
  expect(stderr).toBe(
    'mien: Faces are found by the older Haar cascade, which misses turned and small ones. Get YuNet or BlazeFace with: mien models pull\n',
  );
  const near = linesOf(stdout).slice(65);
  expect(near.filter(({ faces }) => faces.length > 0).length / near.length).toBeGreaterThan(0.7);
});

test('a folder of pictures is analyzed picture by picture, whatever their sizes', async () => {
  const folder = join(scratch, 'pictures');
  mkdirSync(folder);
  cv.imwrite(join(folder, '1.png'), greyPicture(90, 320, 240));
  cv.imwrite(join(folder, '2.jpg'), greyPicture(90, 100, 300));
  cv.imwrite(join(folder, '3.png'), greyPicture(90, 2000, 2));
  const lines = await analyze(folder);
  expect(lines.map(({ frame, width, height }) => [frame, width, height])).toEqual([
    [0, 320, 240],
    [1, 100, 300],
    [2, 2000, 2],
  ]);
});

test('one bad file in a folder is named and skipped, with exit code 65 in the end', async () => {
  const folder = join(scratch, 'one bad');
  mkdirSync(folder);
  cv.imwrite(join(folder, '1.png'), greyPicture(90, 320, 240));
  writeFileSync(join(folder, '2.jpg'), '');
  cv.imwrite(join(folder, '3.png'), greyPicture(90, 320, 240));
  const { code, stdout, stderr } = await mien('analyze', folder, '--json');
  expect(code).toBe(exitCode.badData);
  expect(linesOf(stdout).map(({ frame }) => frame)).toEqual([0, 2]);
  const [named, summary] = stderr.trimEnd().split('\n').slice(-2);
  expect(named).toContain(join(folder, '2.jpg'));
  expect(summary).toMatch(/^mien: 1 picture of .* could not be used\. /);
});

test('Ctrl-C ends the analysis of a camera in order', async () => {
  const run = new Mien(['analyze', 'still:TEST:', '--json', '--set', 'camera.fps=20']);
  await run.prints(/"frame":1,.*\n/);
  expect(await run.stop('SIGINT')).toBe(0);
  expect(linesOf(run.stdout).length).toBeGreaterThan(1);
});

test('a reader that stops early is no fault', async () => {
  const run = new Mien(['analyze', 'demo', '--json', '--frames', '40']);
  await run.prints(/\n/);
  run.process.stdout!.destroy();
  expect(await run.exited).toBe(0);
  expect(run.stderr).not.toContain('EPIPE');
});

test('a truncated recording: every frame that can be decoded, then one line and exit code 65', async () => {
  const whole = join(scratch, 'whole.avi');
  writeClip(whole, { frames: 40, width: 320, height: 240 });
  const bytes = readFileSync(whole);
  const path = join(scratch, 'cut.avi');
  writeFileSync(path, bytes.subarray(0, bytes.length / 2));
  const { code, stdout, stderr } = await mien('analyze', path, '--json');
  const frames = linesOf(stdout).map(({ frame }) => frame);
  expect(frames).toEqual(Array.from({ length: frames.length }, (_, frame) => frame));
  expect(frames.length).toBeGreaterThan(10);
  expect(frames.length).toBeLessThan(30);
  expect(code).toBe(exitCode.badData);
  expect(stderr.trimEnd().split('\n').at(-1)).toBe(
    `mien: ${path} ended early: ${frames.length} of 40 frames could be decoded. The file is damaged or incomplete; copy or record it again`,
  );
});

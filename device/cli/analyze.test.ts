import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { exitCode } from '../core/errors.ts';
import { uncertain, uncertainReasons } from '../core/labels.ts';
import { cv } from '../core/opencv.ts';
import { blazefaceFile } from '../detect/choose.ts';
import { Mien } from '../lab/fixtures/mien.ts';
import { greyPicture, pngHeader, writeClip } from '../lab/fixtures/pictures.ts';
import { scratchFolder } from '../lab/fixtures/scratch.ts';
import { blazefaceDir, clip, modelsDir, yunetDir } from '../lab/fixtures/shared.ts';

/** Each test runs the program once or more, which takes a busy machine ten times as long. */
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const scratch = scratchFolder();
const labels = ['angry', 'disgust', 'fear', 'happy', 'sad', 'surprise', 'neutral'] as const;

/** A line of `mien analyze --json`, with nothing beside what it documents. */
const lineSchema = z.strictObject({
  frame: z.int().min(0),
  t: z.number().min(0),
  width: z.int().positive(),
  height: z.int().positive(),
  faces: z.array(
    z.strictObject({
      track: z.int().positive(),
      box: z.strictObject({
        x: z.number(),
        y: z.number(),
        width: z.number().positive(),
        height: z.number().positive(),
      }),
      score: z.number().min(0).max(1),
      label: z.enum([...labels, uncertain]),
      reason: z.enum(uncertainReasons).optional(),
      probability: z.number().min(0).max(1).optional(),
      probabilities: z.strictObject(Object.fromEntries(labels.map((label) => [label, z.number().min(0).max(1)]))),
      // From models that say so.
      reject: z.number().min(0).max(1).optional(),
    }),
  ),
});
type Line = z.output<typeof lineSchema>;

async function mien(...args: string[]) {
  const run = new Mien(args);
  const code = await run.exited;
  return { code, stdout: run.stdout, stderr: run.stderr };
}

/** The lines of a `--json` run that must succeed. */
async function analyze(source: string, ...args: string[]): Promise<Line[]> {
  const { code, stdout, stderr } = await mien('analyze', source, '--json', ...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: yunetDir === modelsDir ? '' : expect.anything() });
  return linesOf(stdout);
}

function linesOf(stdout: string): Line[] {
  expect(stdout.endsWith('\n')).toBe(true);
  return stdout
    .slice(0, -1)
    .split('\n')
    .map((line) => lineSchema.parse(JSON.parse(line)));
}

/** A models folder of its own, without YuNet and BlazeFace. */
function withoutYunet(): string {
  const folder = mkdtempSync(join(scratch, 'models-'));
  for (const file of ['residual-cnn.json', 'residual-cnn.fp32.onnx', 'residual-cnn.int8.onnx']) {
    copyFileSync(join(modelsDir, file), join(folder, file));
  }
  return folder;
}

describe('mien analyze --json over the built-in clip', () => {
  let lines: Line[] = [];
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
  const folder = withoutYunet();
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
    `modelsDir=${withoutYunet()}`,
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

/** Files with something wrong in each, made when their test runs. */
function badFile(name: string, bytes: string | Buffer): string {
  const path = join(scratch, name);
  writeFileSync(path, bytes);
  return path;
}

describe('bad input is one line with its remedy on stderr, nothing on stdout, and the right exit code', () => {
  test.each<[string, () => string[], number, RegExp]>([
    [
      'no such file',
      () => ['/nowhere/a.mp4'],
      exitCode.noInput,
      /^No such source: \/nowhere\/a\.mp4 \(expected .*\. Check the path/,
    ],
    [
      'an empty file',
      () => [badFile('empty.mp4', '')],
      exitCode.badData,
      /^Not a video: .*it is empty\)\. Check the file/,
    ],
    [
      'a text file named .mp4',
      () => [badFile('text.mp4', 'Dear diary\n')],
      exitCode.badData,
      /^Not a video: .*no decoder knows its format\)/,
    ],
    [
      'a huge picture',
      () => [badFile('huge.png', pngHeader(20_000, 20_000))],
      exitCode.badData,
      /^Picture .*20000x20000 pixels, expected at most 16384 a side\. Convert/,
    ],
    ['no such camera', () => ['/dev/video99'], exitCode.noInput, /^No camera at \/dev\/video99 .*Plug it in/],
    [
      'a stream where nothing answers',
      () => ['http://127.0.0.1:1/x'],
      exitCode.unavailable,
      /^No video from http:\/\/127\.0\.0\.1:1\/\*\*\* .*Check address/,
    ],
    [
      'a still camera that is more than one',
      () => ['still:TEST:;id'],
      exitCode.usage,
      /^Not a still camera: "TEST:;id"/,
    ],
    [
      'a models folder without models',
      () => ['demo', '--set', `modelsDir=${scratch}`, '--set', 'detect.detector=haar'],
      exitCode.noInput,
      /^Model card missing: .*residual-cnn\.json\. Set classify\.model/,
    ],
    [
      'YuNet asked for and absent',
      () => ['demo', '--set', `modelsDir=${scratch}`, '--set', 'detect.detector=yunet'],
      exitCode.noInput,
      /^Model missing: .*yunet.*\. Fetch it with: \S.* models pull yunet/,
    ],
    ['a setting that is none', () => ['demo', '--set', 'camera.speed=3'], exitCode.config, /camera\.speed/],
  ])('%s', async (_, args, expected, message) => {
    const { code, stdout, stderr } = await mien('analyze', ...args(), '--json');
    expect(stderr).toMatch(/^mien: [^\n]+\n$/);
    expect(stderr.slice('mien: '.length)).toMatch(message);
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
  });

  test('a model that is not the one of its card', async () => {
    const folder = withoutYunet();
    writeFileSync(join(folder, 'residual-cnn.int8.onnx'), 'another one');
    const { code, stdout, stderr } = await mien('analyze', 'demo', '--set', `modelsDir=${folder}`);
    expect({ code, stdout }).toEqual({ code: exitCode.badData, stdout: '' });
    expect(stderr).toMatch(
      /^mien: Model \S+residual-cnn\.int8\.onnx does not match its card \([^\n]+\)\. Restore [^\n]+\n$/,
    );
  });

  test('a camera and frames that are no numbers, exit code 64', async () => {
    const { code, stdout, stderr } = await mien('analyze', 'demo', '--frames', 'many');
    expect({ code, stdout }).toEqual({ code: exitCode.usage, stdout: '' });
    expect(stderr).toMatch(/'many' is invalid\. Expected a whole number\./);
  });
});

/** What `../shared/clips/README.md` says a correct pipeline sees. */
describe('recordings of people', () => {
  const cases: readonly {
    name: string;
    frames: number;
    /** How many people there are in all, and so tracks. */
    people: number;
    sees: (faces: readonly number[]) => void;
  }[] = [
    { name: 'head-pose-face-detection-male.mp4', frames: 62, people: 1, sees: onePerson },
    { name: 'head-pose-face-detection-female.mp4', frames: 23, people: 1, sees: onePerson },
    {
      name: 'face-demographics-walking-and-pause.mp4',
      frames: 41,
      people: 3,
      sees: (faces) => expect(share(faces, (count) => count === 3)).toBeGreaterThan(0.9),
    },
    {
      name: 'face-demographics-walking.mp4',
      frames: 35,
      people: 2,
      sees: (faces) => expect(share(faces, (count) => count >= 1)).toBeGreaterThan(0.9),
    },
    {
      name: 'classroom.mp4',
      frames: 45,
      people: 4,
      sees(faces) {
        expect(Math.max(...faces)).toBe(4);
        expect(share(faces, (count) => count >= 4)).toBeGreaterThan(0.9);
      },
    },
    { name: 'bird.mkv', frames: 63, people: 1, sees: onePerson },
    { name: 'sorry.mkv', frames: 73, people: 1, sees: onePerson },
    // The skull on his shirt and his hands pass for a face now and then; never for long.
    { name: 'again.mkv', frames: 77, people: 1, sees: onePerson },
    {
      name: 'one-by-one-person-detection-20s.mp4',
      frames: 200,
      people: 0,
      sees: (faces) => expect(Math.max(...faces)).toBe(0),
    },
  ];

  test.for(cases)('$name', async ({ name, frames, people, sees }, { skip }) => {
    const path = clip(name);
    skip(!path, 'shared/clips is absent');
    skip(!yunetDir, 'YuNet is absent; get it with: mien models pull');
    const lines = await analyze(path!, ...(yunetDir === modelsDir ? [] : ['--set', `modelsDir=${modelsWithYunet()}`]));
    expect(lines.map(({ frame }) => frame)).toEqual(Array.from({ length: frames }, (_, frame) => frame));
    sees(lines.map(({ faces }) => faces.length));
    expect(new Set(lines.flatMap(({ faces }) => faces.map(({ track }) => track))).size).toBe(people);
  });

  /** People whose expression does not change, as far as can be told. */
  const steady = [
    'head-pose-face-detection-female.mp4',
    'bird.mkv',
    'sorry.mkv',
    'again.mkv',
    'face-demographics-walking-and-pause.mp4',
  ];

  test('labels change less than 6 times a minute, the first name of a newcomer not counted', async ({ skip }) => {
    skip(!clip(steady[0]!), 'shared/clips is absent');
    skip(!yunetDir, 'YuNet is absent; get it with: mien models pull');
    const models = yunetDir === modelsDir ? [] : ['--set', `modelsDir=${modelsWithYunet()}`];
    let changes = 0;
    let people = 0;
    let minutes = 0;
    for (const name of steady) {
      const sights = (await analyze(clip(name)!, ...models)).flatMap(({ t, faces }) =>
        faces.map(({ track, label }) => ({ t, track, label })),
      );
      for (const track of new Set(sights.map((sight) => sight.track))) {
        const seen = sights.filter((sight) => sight.track === track);
        const named = seen.slice(seen.findIndex(({ label }) => label !== 'uncertain'));
        changes += named.filter(({ label }, index) => index > 0 && label !== named[index - 1]!.label).length;
        minutes += (seen.at(-1)!.t - seen[0]!.t) / 60;
        people += 1;
      }
    }
    expect(people).toBe(7);
    expect(changes / minutes).toBeLessThan(6);
  });

  function share(faces: readonly number[], holds: (count: number) => boolean): number {
    return faces.filter(holds).length / faces.length;
  }

  function onePerson(faces: readonly number[]): void {
    expect(share(faces, (count) => count >= 1)).toBeGreaterThanOrEqual(0.95);
    expect(Math.max(...faces)).toBe(1);
  }

  /** The shipped models with YuNet from beside the checkout. */
  function modelsWithYunet(): string {
    const folder = withoutYunet();
    const file = 'face_detection_yunet_2023mar.onnx';
    copyFileSync(join(yunetDir!, file), join(folder, file));
    return folder;
  }
});

import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { demoClip, openSource } from '../camera/open.ts';
import { exitCode } from '../core/errors.ts';
import { cv } from '../core/opencv.ts';
import { Mien } from '../lab/fixtures/mien.ts';
import { greyPicture } from '../lab/fixtures/pictures.ts';
import { scratchFolder } from '../lab/fixtures/scratch.ts';
import { modelsDir } from '../lab/fixtures/shared.ts';
import { sensitivityBelow } from '../lab/fixtures/tiny-model.ts';
import { describePicture } from './classify.ts';

const scratch = scratchFolder();
const visitor = join(scratch, 'visitor.jpg');
const nobody = join(scratch, 'nobody.png');

beforeAll(async () => {
  cv.imwrite(nobody, greyPicture(120, 640, 480));
  const source = await openSource(demoClip, { width: 640, height: 480, fps: 24, loop: false, pace: 'max' });
  const { signal } = new AbortController();
  for (let frame = await source.read(signal); frame; frame = await source.read(signal)) {
    if (frame.index < 120) continue;
    cv.imwrite(visitor, frame.mat);
    break;
  }
  source.close();
});

test('each picture is one JSON line with its faces', async () => {
  const run = new Mien(['classify', visitor, nobody, '--json']);
  expect(await run.exited).toBe(0);
  const [first, second, ...rest] = run.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(rest).toEqual([]);
  expect(first).toEqual({
    file: visitor,
    width: 640,
    height: 480,
    faces: [
      expect.objectContaining({
        box: { x: expect.any(Number), y: expect.any(Number), width: expect.any(Number), height: expect.any(Number) },
        score: expect.any(Number),
        label: expect.any(String),
        probabilities: expect.objectContaining({ happy: expect.any(Number) }),
      }),
    ],
  });
  const { probabilities, label } = first.faces[0];
  // A model that abstains has no probability for it.
  expect(probabilities[label] ?? 1).toBe(
    label === 'uncertain' ? 1 : Math.max(...(Object.values(probabilities) as number[])),
  );
  expect(second).toEqual({ file: nobody, width: 640, height: 480, faces: [] });
});

test('without --json it prints the place and the label of each face', async () => {
  const run = new Mien(['classify', visitor, nobody]);
  expect(await run.exited).toBe(0);
  expect(run.stdout).toMatch(
    /^\S+visitor\.jpg: 1 face\n {2}face at \d+,\d+ \d+x\d+: (uncertain: \w+|\w+ \d+%) \(\w+ \d+%, \w+ \d+%, \w+ \d+%(, cannot be told \d+%)?\)\n/,
  );
  expect(run.stdout).toContain(`${nobody}: no face found\n`);
});

test('a label has its probability, uncertain its reason, and both the most probable labels', () => {
  const probabilities = { angry: 0.004, happy: 0.62, sad: 0.03, neutral: 0.346 };
  const face = { box: { x: 10.4, y: 20.6, width: 30, height: 40.2 }, score: 0.9, probabilities };
  const faces = [
    { ...face, label: 'happy', probability: 0.62 },
    { ...face, label: 'uncertain', reason: 'turned', reject: 0.25 } as const,
  ];
  expect(describePicture({ file: 'a.png', faces })).toBe(
    [
      'a.png: 2 faces',
      '  face at 10,21 30x40: happy 62% (happy 62%, neutral 35%, sad 3%)',
      '  face at 10,21 30x40: uncertain: turned (happy 62%, neutral 35%, sad 3%, cannot be told 25%)',
      '',
    ].join('\n'),
  );
});

test('a missing picture is one error line, exit code 66', async () => {
  const run = new Mien(['classify', join(scratch, 'missing.jpg'), '--json']);
  expect(await run.exited).toBe(exitCode.noInput);
  expect(run.stdout).toBe('');
  expect(run.stderr.trimEnd().split('\n').at(-1)).toBe(
    `mien: No such picture: ${join(scratch, 'missing.jpg')} (expected a .jpg or .png file). Check the path`,
  );
});

test('bad pictures of several are named and skipped; exit code 65', async () => {
  const folder = join(scratch, 'folder');
  mkdirSync(folder);
  copyFileSync(nobody, join(folder, '1.png'));
  writeFileSync(join(folder, '2.jpg'), '');
  copyFileSync(nobody, join(folder, '3.png'));
  const run = new Mien(['classify', join(scratch, 'missing.jpg'), folder, '--json']);
  expect(await run.exited).toBe(exitCode.badData);
  const files = run.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).file);
  expect(files).toEqual([join(folder, '1.png'), join(folder, '3.png')]);
  const [missing, empty, summary] = run.stderr.trimEnd().split('\n').slice(-3);
  expect(missing).toContain('missing.jpg');
  expect(empty).toContain(join(folder, '2.jpg'));
  expect(summary).toBe(
    'mien: 2 pictures of the 4 could not be used. The reasons are listed above; repair them or remove them',
  );
});

describe('with a model that can be uncertain', () => {
  const models = join(scratch, 'models');
  // The Haar cascade comes with the system; this folder has no YuNet.
  const from = ['--set', `modelsDir=${models}`, '--set', 'classify.model=simple-cnn', '--set', 'detect.detector=haar'];
  const faceOf = async (...more: string[]) => {
    const run = new Mien(['classify', visitor, '--json', ...from, ...more]);
    expect(await run.exited).toBe(0);
    return JSON.parse(run.stdout).faces[0];
  };

  beforeAll(() => {
    mkdirSync(models);
    for (const kind of ['fp32', 'int8'])
      copyFileSync(join(modelsDir, `simple-cnn.${kind}.onnx`), join(models, `simple-cnn.${kind}.onnx`));
    const card = JSON.parse(readFileSync(join(modelsDir, 'simple-cnn.json'), 'utf8'));
    // No prediction reaches the confidence that this card requires.
    writeFileSync(
      join(models, 'simple-cnn.json'),
      JSON.stringify({ ...card, sensitivity: sensitivityBelow(0.999999) }),
    );
  });

  test('an uncertain face keeps its probabilities', async () => {
    const { label, reason, probabilities, ...face } = await faceOf();
    expect({ label, reason }).toEqual({ label: 'uncertain', reason: 'ambiguous' });
    expect(face).not.toHaveProperty('probability');
    expect((Object.values(probabilities) as number[]).reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 2);
    const spoken = new Mien(['classify', visitor, ...from]);
    expect(await spoken.exited).toBe(0);
    expect(spoken.stdout).toMatch(/: uncertain: ambiguous \(\w+ \d+%, \w+ \d+%, \w+ \d+%, cannot be told \d+%\)\n$/);
  });

  test('classify.uncertain=false always names the most probable one', async () => {
    const { label, probability, probabilities } = await faceOf('--set', 'classify.uncertain=false');
    expect(probability).toBe(probabilities[label]);
    expect(probabilities[label]).toBe(Math.max(...(Object.values(probabilities) as number[])));
  });
});

const verbs = [
  'run',
  'demo',
  'analyze',
  'classify',
  'evaluate',
  'devices',
  'doctor',
  'models',
  'simulate',
  'config',
  'export',
  'backup',
  'restore',
  'mqtt',
  'licenses',
  'kiosk',
  'install',
  'update',
  'rollback',
  'uninstall',
  'hold',
  'status',
  'provision',
];

test.each(verbs)('mien %s --help says what it does', async (verb) => {
  const run = new Mien([verb, '--help']);
  expect(await run.exited).toBe(0);
  expect(run.stderr).toBe('');
  expect(run.stdout).toMatch(new RegExp(`^Usage: mien ${verb} .*\\n\\n[A-Z][^\\n]+`));
  expect(run.stdout).toMatch(/-h, --help/);
});

test('mien --help lists the verbs; a wrong one is refused with exit code 64', async () => {
  const help = new Mien(['--help']);
  expect(await help.exited).toBe(0);
  for (const verb of verbs) {
    expect(help.stdout).toMatch(new RegExp(`^ {2}${verb}\\b`, 'm'));
  }
  const wrong = new Mien(['analyse']);
  expect(await wrong.exited).toBe(exitCode.usage);
  expect(wrong.stderr).toMatch(/unknown command 'analyse'/);
});

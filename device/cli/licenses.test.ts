import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../core/paths.ts';
import { filesBelow, importsOf } from '../lab/fixtures/import-graph.ts';
import { Mien } from '../lab/fixtures/mien.ts';
import { licenceTextOf, lockedPackages, pagePackages } from './licenses/packages.ts';
import { describeAll, models } from './licenses.ts';

/** Licences that allow to use, change and sell the code or font, and ask for no source code. */
const accepted = [
  'MIT',
  'ISC',
  '0BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'PSF-2.0',
  'OFL-1.1',
];
/** A choice such as `(MIT OR WTFPL)` passes if one of its licences is accepted. */
const isAccepted = (licence = '') =>
  licence
    .replace(/[()]/g, '')
    .split(' OR ')
    .some((each) => accepted.includes(each));

async function mien(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const run = new Mien(['licenses', ...args]);
  return { code: await run.exited, stdout: run.stdout, stderr: run.stderr };
}

test('every package that Mien runs with has an accepted licence', () => {
  const packages = lockedPackages();
  expect(packages.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['aedes', 'better-sqlite3', '@u4/opencv4nodejs', 'node-webcam', 'preact']),
  );
  const others = packages.filter(({ licence }) => !isAccepted(licence));
  expect(others.map(({ name, licence }) => `${name}: ${licence}; replace it, or have the licence judged`)).toEqual([]);
});

test.each(['GPL-3.0-only', 'AGPL-3.0', 'LGPL-2.1 AND MIT', 'UNLICENSED', undefined])('%s is not accepted', (licence) =>
  expect(isAccepted(licence)).toBe(false),
);

test('every package and font in the pages is listed', () => {
  const files = filesBelow(['kiosk/src'], /\.(ts|tsx)$/).filter((path) => !path.includes('.test.'));
  const code = importsOf(files).filter(({ isFile, isTypeOnly }) => !isFile && !isTypeOnly);
  const sheets = filesBelow(['kiosk/src'], /\.css$/).map((path) => readFileSync(join(packageRoot, path), 'utf8'));
  const fonts = sheets.flatMap((text) => [...text.matchAll(/@fontsource\/[\w-]+/g)].map(([name]) => name));
  const used = new Set([...code.map(({ to }) => to), ...fonts]);
  expect([...used].sort()).toEqual([...pagePackages].sort());
});

test('each model names its licence and its training data', () => {
  expect(models().map(({ name }) => name)).toEqual(['yunet', 'blazeface', 'residual-cnn', 'simple-cnn']);
  expect(models().filter(({ licence, data }) => licence === '' || data.length === 0)).toEqual([]);
});

test('the command lists all parts, and prints a licence text', async () => {
  const all = await mien();
  expect(all.code).toBe(0);
  for (const part of [/hono \S+: MIT/, /noto-naskh-arabic \S+: OFL-1.1/, /residual-cnn: .*FER-2013/, /FFmpeg: GPL/]) {
    expect(all.stdout).toMatch(part);
  }
  expect((await mien('better-sqlite3')).stdout).toContain('Permission is hereby granted, free of charge');
  expect(JSON.parse((await mien('--json')).stdout)).toMatchObject({
    packages: expect.any(Array),
    models: expect.any(Array),
  });
  const wrong = await mien('beter-sqlite3');
  expect(wrong).toMatchObject({ code: 64, stderr: expect.stringContaining('Did you mean better-sqlite3?') });
});

test('a release lists OpenCV and FFmpeg as its own parts, with their texts', () => {
  const [inside = '', ofSystem = ''] = describeAll([], true).split('Inside this release')[1]!.split('\n\n');
  for (const part of [/Node\.js: /, /OpenCV, .*licences\/opencv\.txt/, /FFmpeg: LGPL-2\.1-or-later; .*THIRD-PARTY/])
    expect(inside).toMatch(part);
  expect(ofSystem).toMatch(/^Of the system, not part of Mien:\n {2}Haar cascade/);
  expect(ofSystem).not.toMatch(/FFmpeg|Node\.js/);
  expect(describeAll([], false)).not.toContain('Inside');
});

test('a package without a licence file says so', () => {
  const without = lockedPackages().find(({ name }) => name === '@hono/zod-openapi')!;
  expect(licenceTextOf(without)).toBeUndefined();
});

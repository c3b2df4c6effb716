/** Checks the rules of device/README.md on imports, and the length of files. Each message gives the remedy. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from './core/paths.ts';
import { byFile, chainTo, filesBelow, type Import, importsOf } from './lab/fixtures/import-graph.ts';

const stages = ['camera', 'detect', 'track', 'classify', 'visits'];

/** From the top down. A file may import files of its own layer and of those below. */
const layers: readonly (readonly string[])[] = [
  ['cli.ts'],
  ['cli'],
  ['provision'],
  ['install'],
  ['main.ts'],
  ['http'],
  ['ops'],
  ['sinks'],
  ['export'],
  ['contract'],
  ['vision'],
  stages,
  ['config'],
  ['core'],
];

/** The daemon's programs. What they load must neither block nor crash in native code. */
const daemonPrograms = [
  'device/main.ts',
  'device/http/reads/reader-main.ts',
  'device/sinks/sqlite/salvage/salvage-main.ts',
  'device/sinks/sqlite/backup/backup-main.ts',
];
const nativeVision = /^(@u4\/opencv.*|onnxruntime-.*|device\/core\/(opencv|onnxruntime)\.ts)$/;

const maxLines = 300;
const lineLimits: Readonly<Record<string, number>> = { 'device/main.ts': 120 };
const isTest = (path: string) => /\.test\.tsx?$/.test(path);
const isProduct = (path: string) =>
  path.startsWith('device/') && !/^device\/(lab|release|setup)\//.test(path) && !isTest(path);
/** `http` for `device/http/app.ts`. */
const folderOf = (path: string) => path.split('/')[1]!;
const layerOf = (path: string) => layers.findIndex((layer) => layer.includes(folderOf(path)));

const sources = filesBelow(['device', 'kiosk'], /\.(ts|tsx|mjs)$/);
const imports = importsOf(sources);
const ofProduct = imports.filter(({ from, isFile }) => isFile && isProduct(from));
const atRunTime = byFile(imports.filter(({ isTypeOnly }) => !isTypeOnly));
const packages = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>;
};
const isDependency = (name: string) => name.startsWith('node:') || name in packages.dependencies;

test('imports run down the layers', () => {
  const unknown = sources.filter((path) => isProduct(path) && layerOf(path) < 0 && path !== 'device/vitest.config.ts');
  expect(unknown.map((path) => `${path} is in no layer: name its folder in this test and in device/README.md`)).toEqual(
    [],
  );
  const upward = ofProduct.filter(({ from, to }) => layerOf(to) >= 0 && layerOf(to) < layerOf(from));
  expect(upward.map(told('which is a layer above: move what both need down, or hand it in as an argument'))).toEqual(
    [],
  );
});

test('a stage imports core and its own folder', () => {
  const strange = ofProduct.filter(
    ({ from, to }) => stages.includes(folderOf(from)) && ![folderOf(from), 'core'].includes(folderOf(to)),
  );
  expect(strange.map(told('but a stage imports core and its own folder: move what both need to core'))).toEqual([]);
});

test('only the roots, the commands and the vision process see the stages', () => {
  const maySee = ['main.ts', 'cli', 'vision', ...stages];
  const seen = ofProduct.filter(({ from, to }) => stages.includes(folderOf(to)) && !maySee.includes(folderOf(from)));
  expect(seen.map(told('a stage: move what both need to core, or hand it in from main.ts'))).toEqual([]);
});

test.each(daemonPrograms)('%s loads neither OpenCV nor ONNX Runtime', (program) => {
  expect(sources).toContain(program);
  const chain = chainTo(program, atRunTime, (to) => nativeVision.test(to));
  expect(
    chain && `${chain.join(' > ')}: only the vision process loads it; split the file, or import its types only`,
  ).toBe(undefined);
});

test('nothing but core/onnxruntime.ts loads ONNX Runtime, and the probe of addons only with its telemetry off', () => {
  // Also by the path of a file of it; tests name such files.
  const named = (path: string) =>
    path.endsWith('.test.ts')
      ? /['"]onnxruntime-(node|common|web)['"]/
      : /['"][^'"\n]*onnxruntime-(node|common|web)[/'"]/;
  const files = sources.filter((path) => !path.endsWith('architecture.test.ts') && named(path).test(read(path)));
  expect(files.sort()).toEqual(['device/core/addons.ts', 'device/core/onnxruntime.ts']);
  expect(read('device/core/addons.ts')).toMatch(
    /ORT_DISABLE_TELEMETRY = '1';\s+const \{ Tensor \} = load\('onnxruntime-node'\)/,
  );
});

test('the product has neither lab nor tests in it, and no development dependency', () => {
  const command = ['node_modules/typescript/bin/tsc', '-p', 'device/tsconfig.build.json', '--listFilesOnly'];
  const listed = execFileSync(process.execPath, command, { cwd: packageRoot, encoding: 'utf8' }).trim().split('\n');
  const compiled = listed
    .map((path) => path.slice(packageRoot.length + 1))
    .filter((path) => path.startsWith('device/'));
  expect(compiled).toContain('device/main.ts');
  const foreign = compiled.filter((path) => !isProduct(path));
  const importers = imports.filter(({ from, to }) => isProduct(from) && foreign.includes(to));
  expect(importers.map(told('which is not part of the product: move what the product needs out of it'))).toEqual([]);
  expect(foreign.map((path) => `${path} is compiled into the product: exclude it in tsconfig.build.json`)).toEqual([]);
  const borrowed = [...atRunTime.values()]
    .flat()
    .filter(({ from, to, isFile }) => compiled.includes(from) && !isFile && !isDependency(to));
  expect(borrowed.map(told('which package.json does not name under "dependencies"'))).toEqual([]);
});

test.skipIf(!existsSync(join(packageRoot, 'device/dist')))('what was built is product only', () => {
  const built = filesBelow(['device/dist'], /\.js$/);
  const source = (path: string) => path.replace('/dist/', '/').replace(/js$/, 'ts');
  const surplus = built.filter((path) => !isProduct(source(path)) || !sources.includes(source(path)));
  expect(surplus.map((path) => `${path} has no source in the product: delete device/dist and build it again`)).toEqual(
    [],
  );
  const borrowed = importsOf(built).filter(({ to, isFile }) => !isFile && !isDependency(to));
  expect(borrowed.map(told('which package.json does not name under "dependencies"'))).toEqual([]);
});

test('the pages import types of the device, and values of core that run in a browser', () => {
  const pages = [...atRunTime.values()].flat().filter(({ from }) => from.startsWith('kiosk/src/') && !isTest(from));
  const ofDevice = pages.filter(({ to }) => to.startsWith('device/'));
  const wrong = ofDevice.filter(
    ({ to }) => folderOf(to) !== 'core' || chainTo(to, atRunTime, (each) => !each.startsWith('device/')),
  );
  expect(
    wrong.map(told('at run time: use import type, or move the value to a file of core that imports no package')),
  ).toEqual([]);
});

test('no files import each other in a circle', () => {
  const files = byFile(imports);
  const circles = new Map<string, string>();
  for (const path of sources) {
    const circle = chainTo(path, files, (to) => to === path);
    if (circle) circles.set([...new Set(circle)].sort().join(), circle.join(' > '));
  }
  expect([...circles.values()].map((each) => `${each}: move what both need to a file of its own`)).toEqual([]);
});

test('no file is longer than its limit', () => {
  const files = filesBelow(['device', 'kiosk', 'training'], /\.(ts|tsx|css|mjs|py)$/);
  const long = files.map((path) => ({
    path,
    lines: read(path).trimEnd().split('\n').length,
    limit: lineLimits[path] ?? maxLines,
  }));
  const over = long.filter(({ lines, limit }) => lines > limit);
  expect(
    over.map(({ path, lines, limit }) => `${path} has ${lines} lines, the limit is ${limit}: split it by subject`),
  ).toEqual([]);
});

function read(path: string): string {
  return readFileSync(join(packageRoot, path), 'utf8');
}

function told(remedy: string): (each: Import) => string {
  return ({ from, to }) => `${from} imports ${to}, ${remedy}`;
}

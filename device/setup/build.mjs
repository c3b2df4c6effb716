// @ts-check
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from './command.mjs';
import { fingerprintOf, hashOf, readStamp, writeStamp } from './fingerprint.mjs';

/** @typedef {import('./setup.mjs').Context} Context */

/**
 * Builds the device's programs and the kiosk page, each only if its sources changed.
 * @param {Context} context
 */
export async function ensureBuild(context) {
  await Promise.all([buildDevice(context), buildKiosk(context)]);
}

/** @param {Context} context */
async function buildDevice(context) {
  const cli = join(context.root, 'device/dist/cli.js');
  const compiled = (/** @type {string} */ project) => ({
    folder: 'device',
    program: ['node_modules/typescript/bin/tsc', '-p', project],
  });
  await buildWhenChanged(context, {
    ...compiled('device/tsconfig.build.json'),
    title: 'device programs',
    id: 'typescript',
    output: 'device/dist/cli.js',
    includes: (name) => name !== 'lab' && isSource(name),
  });
  deleteOrphans(join(context.root, 'device'));
  if (existsSync(cli)) chmodSync(cli, 0o755); // The compiler's output is not executable; `npx mien` executes it.
  if (context.purpose === 'demo') return;
  await buildWhenChanged(context, {
    ...compiled('device/lab/tsconfig.build.json'),
    title: 'benches and fixtures',
    id: 'lab',
    output: 'device/lab/dist/lab/bench/main.js',
    includes: isSource,
  });
}

/**
 * The compiler leaves the programs of sources that were moved or deleted. The product must not have them.
 * @param {string} folder the sources, with `dist` in it
 */
function deleteOrphans(folder) {
  const dist = join(folder, 'dist');
  for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    const source = name.replace(/\.js(\.map)?$/, '.ts');
    if (source !== name && !existsSync(join(folder, source))) rmSync(join(dist, name));
  }
}

/**
 * A folder, or a file that the compiler reads.
 * @param {string} name
 */
function isSource(name) {
  if (name === 'dist' || name === 'setup' || name.endsWith('.test.ts')) return false;
  return !name.includes('.') || /\.(ts|json)$/.test(name);
}

/** @param {Context} context */
async function buildKiosk(context) {
  await buildWhenChanged(context, {
    title: 'kiosk page',
    id: 'kiosk',
    folder: 'kiosk',
    output: 'kiosk/dist/index.html',
    program: ['node_modules/vite/bin/vite.js', 'build', 'kiosk'],
    includes: (name) => name !== 'dist' && name !== 'test' && !/\.test\.tsx?$/.test(name),
  });
}

/**
 * @param {Context} context
 * @param {{ title: string, id: string, folder: string, output: string, program: readonly string[], includes: (name: string) => boolean }} build
 */
async function buildWhenChanged(
  { root, progress, env, logFile, signal },
  { title, id, folder, output, program, includes },
) {
  const key = hashOf([fingerprintOf(join(root, folder), includes), readFileSync(join(root, 'package-lock.json'))]);
  const stamp = join(root, dirname(output), '.sources');
  if (readStamp(stamp) === key && existsSync(join(root, output))) return;
  const step = progress.step(title);
  try {
    await run({
      what: title,
      file: process.execPath,
      args: program,
      cwd: root,
      env,
      logFile: logFile(id),
      signal,
      limitMs: 15 * 60_000,
      remedy: 'The sources do not build: undo the last change to them, or mend what the lines above name.',
    });
    step.done();
  } catch (error) {
    step.fail();
    throw error;
  }
  writeStamp(stamp, key);
}

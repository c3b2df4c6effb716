// @ts-check
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { run } from './command.mjs';
import { SetupFault } from './fault.mjs';
import { hashOf, readStamp, replaceFile, writeStamp } from './fingerprint.mjs';
import { buildSettings } from './modules.mjs';
import { findNodeHeaders } from './packages.mjs';

/** @typedef {import('./setup.mjs').Context} Context */

const minutes = 60_000;

/**
 * How many compilers at once: one per core, but one per free gigabyte at most. The largest files of OpenCV's binding take
 * 0.8 GB each, and a board of 1 GB must not start to swap.
 * @param {{ cores?: number, freeBytes?: number }} [machine]
 */
export function compilersAtOnce({ cores = availableParallelism(), freeBytes = freeMemory() } = {}) {
  return Math.max(1, Math.min(cores, Math.floor(freeBytes / 1e9)));
}

function freeMemory() {
  const available = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1];
  const free = available === undefined ? totalmem() : Number(available) * 1024;
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(free, limit) : free;
}

/**
 * Compiles OpenCV's binding and, where there is no ready-made one, SQLite's.
 * @param {Context & { opencvVersion: string }} context
 */
export async function ensureNative(context) {
  const jobs = compilersAtOnce();
  const sqlite = () => ensureAddon(context, sqliteAddon(context));
  const opencv = () => ensureAddon(context, opencvAddon(context, jobs));
  // SQLite is one large file and keeps one core busy; beside it OpenCV's many files fill the rest.
  if (jobs > 1) await Promise.all([opencv(), sqlite()]);
  else {
    await sqlite();
    await opencv();
  }
}

/**
 * @typedef {object} Addon
 * @property {string} title
 * @property {string} id
 * @property {string} key everything that a build depends on
 * @property {string} file where the package looks for it
 * @property {(step: import('./progress.mjs').Step) => Promise<void>} build leaves it there
 */

/**
 * @param {Context & { opencvVersion: string }} context
 * @param {number} jobs
 * @returns {Addon}
 */
function opencvAddon({ root, env, logFile, signal, opencvVersion }, jobs) {
  const recipe = join(root, 'device/setup/opencv');
  const gyp = readFileSync(join(recipe, 'binding.gyp'), 'utf8');
  const file = join(root, 'node_modules/@u4/opencv4nodejs/build/Release/opencv4nodejs.node');
  return {
    title: "OpenCV's binding",
    id: 'opencv',
    key: hashOf([
      versionOf(root, '@u4/opencv4nodejs'),
      opencvVersion,
      gyp,
      readFileSync(join(recipe, 'opencv2/opencv_modules.hpp')),
    ]),
    file,
    async build(step) {
      await compile({
        root,
        env,
        signal,
        step,
        jobs,
        folder: recipe,
        what: "OpenCV's binding",
        logFile: logFile('opencv'),
        files: gyp.match(/\.cc"/g)?.length ?? 0,
      });
      replaceFile(join(recipe, 'build/Release/opencv4nodejs.node'), file);
    },
  };
}

/**
 * @param {Context} context
 * @returns {Addon}
 */
function sqliteAddon({ root, env, logFile, signal }) {
  const folder = join(root, 'node_modules/better-sqlite3');
  const file = join(folder, 'build/Release/better_sqlite3.node');
  return {
    title: 'better-sqlite3',
    id: 'sqlite',
    key: hashOf([versionOf(root, 'better-sqlite3')]),
    file,
    async build(step) {
      step.note('looking for a ready-made one');
      rmSync(file, { force: true }); // It would be written over in place, under a daemon that has it mapped.
      const readyMade = await run({
        what: 'better-sqlite3',
        file: process.execPath,
        args: [join(root, 'node_modules/prebuild-install/bin.js')],
        cwd: folder,
        env,
        logFile: logFile('sqlite'),
        signal,
        limitMs: 60_000,
        remedy: '',
      }).then(
        () => loadFault(file) === undefined,
        (error) => {
          if (signal.aborted) throw error;
          return false; // GitHub cannot be reached, or has none for this Node: the log has the reason.
        },
      );
      if (readyMade) return;
      await compile({
        root,
        env,
        signal,
        step,
        jobs: 1,
        folder,
        what: 'better-sqlite3',
        logFile: logFile('sqlite'),
        files: 3,
      });
    },
  };
}

/**
 * @param {Context} context
 * @param {Addon} addon
 */
async function ensureAddon({ root, progress }, { title, id, key, file, build }) {
  const fullKey = hashOf([key, process.versions.modules, process.arch]);
  const stamp = join(root, 'node_modules/.mien', id);
  const stampedKey = readStamp(stamp);
  if (stampedKey === fullKey && existsSync(file)) return;
  // Built by hand, and it loads into this Node with this OpenCV: that is all that a build of ours could say of itself.
  if (stampedKey === undefined && loadFault(file) === undefined) {
    writeStamp(stamp, fullKey);
    return;
  }
  // npm ci throws builds away with node_modules; a copy outside of it saves the minutes.
  const cached = join(root, '.mien/native', `${id}-${fullKey}.node`);
  if (existsSync(cached) && loadFault(cached) === undefined) {
    replaceFile(cached, file);
    writeStamp(stamp, fullKey);
    progress.say(`  ${title}: the one built before`);
    return;
  }
  const step = progress.step(title);
  try {
    await build(step);
    const fault = loadFault(file);
    if (fault !== undefined) {
      throw new SetupFault(`${title} was built but does not load: ${fault}`, {
        remedy: `Remove ${dirname(file)} and start again; if it stays, report it with this line.`,
      });
    }
    step.done();
  } catch (error) {
    step.fail();
    throw error;
  }
  replaceFile(file, cached);
  writeStamp(stamp, fullKey);
}

/**
 * Loads an addon in a process of its own, which an illegal instruction may kill.
 * @param {string} file
 * @returns {string | undefined} what went wrong
 */
function loadFault(file) {
  if (!existsSync(file)) return 'there is no such file';
  const answer = spawnSync(process.execPath, ['-e', 'require(process.argv[1])', file], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  if (answer.status === 0) return undefined;
  return answer.signal
    ? `killed by ${answer.signal}`
    : (/^\w*Error: .*/m.exec(answer.stderr)?.[0] ?? `exit code ${answer.status}`);
}

/**
 * @param {{ root: string, env: NodeJS.ProcessEnv, signal: AbortSignal, step: import('./progress.mjs').Step, jobs: number, folder: string, what: string, logFile: string, files: number }} options
 */
async function compile({ root, env, signal, step, jobs, folder, what, logFile, files }) {
  const prefix = findNodeHeaders();
  let compiled = 0;
  step.note(`0/${files} files`);
  await run({
    what,
    file: process.execPath,
    args: [
      join(root, 'node_modules/node-gyp/bin/node-gyp.js'),
      'rebuild',
      '--release',
      '--jobs',
      String(jobs),
      ...(prefix === undefined ? [] : ['--nodedir', prefix]),
    ],
    cwd: folder,
    // MAKEFLAGS of an outer make would bring back its own number of jobs.
    env: { ...env, ...buildSettings, MAKEFLAGS: '' },
    logFile,
    signal,
    limitMs: 90 * minutes,
    remedy:
      prefix === undefined
        ? "Node's headers are not beside this Node, so node-gyp downloads them from nodejs.org: if that cannot be reached, install a Node that brings them (include/node)."
        : 'If the compiler was killed, the machine has too little memory: close programs and start again.',
    onLine(line) {
      if (/^\s+(CXX|CC)\(target\)/.test(line)) step.note(`${Math.min(++compiled, files)}/${files} files`);
    },
  });
}

/**
 * @param {string} root
 * @param {string} name
 * @returns {string}
 */
function versionOf(root, name) {
  return JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')).version;
}

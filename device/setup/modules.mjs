// @ts-check
import { existsSync, lstatSync, mkdirSync, readFileSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { run } from './command.mjs';
import { hashOf, readStamp, writeStamp } from './fingerprint.mjs';

/** @typedef {import('./setup.mjs').Context} Context */

/**
 * Installs the npm packages of the lock file, if they are not there. Their install scripts do not run: the native builds
 * are made by native.mjs, with the settings that they need.
 * @param {Context} context
 */
export async function ensureModules({ root, progress, env, logFile, signal }) {
  const lockText = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const key = hashOf([lockText, process.platform, process.arch]);
  const stamp = join(root, 'node_modules/.mien/modules');
  if (readStamp(stamp) !== key) {
    if (!matchesLock(root, lockText)) {
      const step = progress.step('npm packages');
      const [file, ...first] = findNpm(env);
      try {
        await run({
          what: 'npm packages',
          file,
          args: [
            ...first,
            'ci',
            '--ignore-scripts',
            '--include=dev',
            '--include=optional',
            '--no-audit',
            '--no-fund',
            '--no-progress',
            '--no-global',
            '--package-lock',
            '--no-dry-run',
          ],
          cwd: root,
          env: { ...env, ...buildSettings, npm_config_update_notifier: 'false' },
          logFile: logFile('npm'),
          signal,
          limitMs: 20 * 60_000,
          remedy: 'Check that the npm registry can be reached (npm ping), then start again.',
        });
        step.done();
      } catch (error) {
        step.fail();
        throw error;
      }
    }
    writeStamp(stamp, key);
  }
  linkMien(root);
}

/** For anything that may run an install script of ours: build nothing by itself, download nothing. */
export const buildSettings = { OPENCV4NODEJS_DISABLE_AUTOBUILD: '1', ONNXRUNTIME_NODE_INSTALL: 'skip' };

/**
 * Whether node_modules already holds what the lock file says, by npm's own record: somebody may have run npm by hand.
 * @param {string} root
 * @param {string} lockText
 */
export function matchesLock(root, lockText) {
  const record = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(record)) return false;
  const locked = parseEntries(lockText);
  const installed = parseEntries(readFileSync(record, 'utf8'));
  // Cut off in the middle of a write; npm ci writes its record anew, and says what is wrong with the lock file.
  if (locked === undefined || installed === undefined) return false;
  return Object.entries(locked).every(([path, { version, optional }]) => {
    if (path === '') return true;
    const found = installed[path];
    if (found === undefined) return optional === true; // For another platform.
    return found.version === version && existsSync(join(root, path));
  });
}

/**
 * @param {string} text of a lock file
 * @returns {Record<string, { version?: string, optional?: boolean }> | undefined} undefined when it is not JSON
 */
function parseEntries(text) {
  try {
    return JSON.parse(text)?.packages ?? {};
  } catch {
    return undefined;
  }
}

/**
 * npm run says which npm it is; without it the one in the PATH.
 * @param {NodeJS.ProcessEnv} env
 * @returns {[string, ...string[]]}
 */
export function findNpm(env) {
  const running = env.npm_execpath;
  if (running && basename(running) === 'npm-cli.js' && existsSync(running)) return [process.execPath, running];
  return ['npm'];
}

/**
 * npm links the bins of dependencies only; this one makes `npx mien` and `node_modules/.bin/mien` work in the checkout.
 * @param {string} root
 */
export function linkMien(root) {
  const link = join(root, 'node_modules/.bin/mien');
  const target = '../../device/dist/cli.js';
  const there = lstatSync(link, { throwIfNoEntry: false });
  if (there?.isSymbolicLink() && readlinkSync(link) === target) return;
  rmSync(link, { force: true });
  mkdirSync(join(root, 'node_modules/.bin'), { recursive: true });
  symlinkSync(target, link);
}

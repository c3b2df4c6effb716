// @ts-check
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuild } from './build.mjs';
import { SetupFault } from './fault.mjs';
import { takeLock } from './lock.mjs';
import { ensureModels } from './models.mjs';
import { ensureModules } from './modules.mjs';
import { ensureNative } from './native.mjs';
import {
  checkPlatform,
  debianNodeWithoutHeaders,
  groupsFor,
  installPackages,
  missingFrom,
  readInstalled,
  rootPrefix,
} from './packages.mjs';

/**
 * @typedef {object} Context
 * @property {string} root the checkout
 * @property {import('./main.mjs').Purpose} purpose
 * @property {import('./progress.mjs').Progress} progress
 * @property {NodeJS.ProcessEnv} env
 * @property {(id: string) => string} logFile
 * @property {AbortSignal} signal
 */

/**
 * Prepares the checkout for the purpose, and skips steps that are already done. Independent steps run in parallel: apt
 * and npm wait for the network, the compilers for the CPU.
 * @param {Omit<Context, 'logFile'>} options
 */
export async function setUp({ root, purpose, progress, env, signal }) {
  checkPlatform({
    platform: process.platform,
    arch: process.arch,
    osRelease: existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : undefined,
  });
  const release = await takeLock({
    root,
    signal,
    onWait: (holder) => progress.say(`mien: waiting for another set-up of this checkout (process ${holder})`),
  });
  // The first failure stops the other steps.
  const failed = new AbortController();
  const logs = join(root, '.mien/log');
  /** @type {Context} */
  const context = {
    root,
    purpose,
    progress,
    env,
    logFile: (id) => join(logs, `setup-${id}.log`),
    signal: AbortSignal.any([signal, failed.signal]),
  };
  try {
    mkdirSync(logs, { recursive: true });
    // apt is not stopped by a failure of another step: that would leave its lock and a half-installed package.
    const system = ensurePackages({ ...context, signal });
    const modules = ensureModules(context);
    const build = modules.then(() => ensureBuild(context));
    const models = build.then(() => ensureModels(context));
    const native = Promise.all([system, modules]).then(([opencvVersion]) =>
      ensureNative({ ...context, opencvVersion }),
    );
    const all = [system, modules, build, models, native];
    try {
      await Promise.all(all);
    } catch (error) {
      failed.abort('another step failed');
      // Printed now, not only at the end: apt may continue for minutes.
      if (error instanceof SetupFault) progress.say(`mien: ${error.message}`);
      await Promise.allSettled(all);
      throw error;
    }
  } finally {
    await release();
  }
}

/**
 * @param {Context} context
 * @returns {Promise<string>} the version of OpenCV
 */
async function ensurePackages({ purpose, progress, logFile, signal }) {
  const groups = groupsFor({ purpose, debianNodeWithoutHeaders: debianNodeWithoutHeaders() });
  let installed = readInstalled(groups);
  const missing = missingFrom(groups, installed);
  if (missing.length > 0) {
    rmSync(logFile('packages'), { force: true });
    await installPackages({ missing, prefix: rootPrefix(), progress, logFile: logFile('packages'), signal });
    installed = readInstalled(groups);
  }
  return installed.get('libopencv-core-dev') ?? 'unknown';
}

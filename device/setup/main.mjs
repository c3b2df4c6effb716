// @ts-check
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { asFileFault, SetupFault } from './fault.mjs';
import { createProgress } from './progress.mjs';
import { setUp } from './setup.mjs';

/** @typedef {'demo' | 'test' | 'bench'} Purpose */

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const usage = 'node device/setup/start.mjs demo|test|bench [arguments...], or setup [demo|test|bench]';

/**
 * @param {readonly string[]} args without node and the script
 * @returns {{ purpose: Purpose, run: boolean, rest: string[] }}
 */
export function parseArguments(args) {
  const [verb, ...rest] = args;
  if (verb === 'demo' || verb === 'test' || verb === 'bench') return { purpose: verb, run: true, rest };
  if (verb === 'setup') {
    const purpose = rest[0] ?? 'demo';
    if (rest.length <= 1 && (purpose === 'demo' || purpose === 'test' || purpose === 'bench')) {
      return { purpose, run: false, rest: [] };
    }
  }
  throw new SetupFault(`expected ${usage}; got "${args.join(' ')}"`, { remedy: 'Try: npm run demo', code: 64 });
}

/** @param {readonly string[]} args */
export async function main(args) {
  const stop = new AbortController();
  /** @param {NodeJS.Signals} signal */
  const onSignal = (signal) => stop.abort(signal);
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  const progress = createProgress({ out: process.stderr, live: process.stderr.isTTY === true });
  try {
    const { purpose, run, rest } = parseArguments(args);
    await setUp({ root, purpose, progress, env: process.env, signal: stop.signal });
    progress.close();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    if (run) await runInThisProcess(purpose, rest);
  } catch (error) {
    progress.close();
    if (stop.signal.aborted) {
      console.error(`mien: set-up stopped by ${stop.signal.reason}; the next run continues it.`);
      process.exit(stop.signal.reason === 'SIGINT' ? 130 : 143);
    }
    const fault = error instanceof SetupFault ? error : asFileFault(error);
    if (fault === undefined) throw error;
    console.error(fault.text);
    process.exit(fault.code);
  }
}

/**
 * Set-up is finished and holds no resources, so the purpose runs in this process: signals and the exit code need no
 * forwarding, and a device needs no second Node process of 45 MB.
 * @param {Purpose} purpose
 * @param {readonly string[]} rest
 */
async function runInThisProcess(purpose, rest) {
  const [script, ...args] = {
    demo: ['device/dist/cli.js', 'demo', ...rest],
    bench: ['device/lab/dist/lab/bench/main.js', ...rest],
    test: ['node_modules/vitest/vitest.mjs', 'run', '--config', 'device/vitest.config.ts', ...rest],
  }[purpose];
  const file = join(root, script ?? '');
  process.chdir(root);
  process.argv = [process.execPath, file, ...args];
  await import(pathToFileURL(file).href);
}

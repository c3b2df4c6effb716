// @ts-check
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { SetupFault } from './fault.mjs';

/**
 * @typedef {object} Command
 * @property {string} what for the message when it fails: `OpenCV's binding`
 * @property {string} file
 * @property {readonly string[]} args
 * @property {string} logFile its output goes there
 * @property {string} remedy what to do when it fails
 * @property {number} limitMs it is stopped after this long
 * @property {AbortSignal} signal
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env]
 * @property {(line: string) => void} [onLine]
 */

/**
 * Runs a program to its end, without a standard input that it could ask on. Its output goes to a log file; when it fails,
 * the fault carries the last lines of it.
 * @param {Command} command
 * @returns {Promise<void>}
 */
export async function run(command) {
  mkdirSync(dirname(command.logFile), { recursive: true });
  const log = createWriteStream(command.logFile, { flags: 'a' });
  log.write(`\n$ ${[command.file, ...command.args].join(' ')}\n`);
  // A group of its own, so that make and its compilers are stopped together.
  const child = spawn(command.file, command.args, {
    cwd: command.cwd,
    env: command.env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  /** @type {string[]} */
  const tail = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      log.write(`${line}\n`);
      tail.push(line);
      if (tail.length > 25) tail.shift();
      command.onLine?.(line);
    });
  }
  /** @type {string | undefined} */
  let stopped;
  const stop = (/** @type {string} */ why) => {
    stopped = why;
    if (child.pid !== undefined) killGroup(child.pid);
  };
  const timer = setTimeout(() => stop(`took longer than ${Math.round(command.limitMs / 1000)} s`), command.limitMs);
  const onAbort = () => stop('was stopped');
  if (command.signal.aborted) onAbort();
  command.signal.addEventListener('abort', onAbort, { once: true });
  try {
    const outcome = await new Promise((resolve) => {
      child.once('error', (error) => resolve(`could not be started: ${error.message}`));
      child.once('close', (code, signal) => resolve(code === 0 ? '' : `ended with ${signal ?? `exit code ${code}`}`));
    });
    if (outcome === '' && stopped === undefined) return;
    throw new SetupFault(`${command.what}: ${command.file} ${stopped ?? outcome}`, {
      remedy: command.remedy,
      lastLines: tail,
      logFile: command.logFile,
    });
  } finally {
    clearTimeout(timer);
    command.signal.removeEventListener('abort', onAbort);
    await new Promise((resolve) => log.end(resolve));
  }
}

/** @param {number} pid */
function killGroup(pid) {
  try {
    process.kill(-pid, 'SIGTERM');
  } catch (error) {
    // ESRCH: it ended by itself in this moment. EPERM: it runs as root through sudo, which passes on what it is sent.
    const code = /** @type {NodeJS.ErrnoException} */ (error).code;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}

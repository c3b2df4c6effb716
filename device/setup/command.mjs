// @ts-check
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { asFileFault, SetupFault } from './fault.mjs';

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
  const log = await openLog(command.logFile);
  /** @type {Error | undefined} */
  let logError;
  // Said at the end: what runs is not cut off in the middle of its work because of its log.
  log.on('error', (error) => {
    logError ??= error;
  });
  log.write(`\n$ ${[command.file, ...command.args].join(' ')}\n`);
  const throughSudo = command.file === 'sudo';
  const child = spawn(command.file, command.args, {
    cwd: command.cwd,
    env: command.env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that make and its compilers are stopped together. Not for sudo: it remembers the password
    // per terminal, and a group of its own would have none.
    detached: !throughSudo,
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
  /** @type {(error: Error) => void} */
  let onStopFailed = () => {};
  const stop = (/** @type {string} */ why) => {
    stopped = why;
    if (child.pid === undefined) return;
    if (throughSudo) stopThroughSudo(child.pid, command.env).catch((error) => onStopFailed(error));
    else killGroup(child.pid);
  };
  const timer = setTimeout(() => stop(`took longer than ${Math.round(command.limitMs / 1000)} s`), command.limitMs);
  const onAbort = () => stop('was stopped');
  if (command.signal.aborted) onAbort();
  command.signal.addEventListener('abort', onAbort, { once: true });
  try {
    const outcome = await new Promise((resolve) => {
      // Not to be waited for without end. Only after a while: it may just have ended, by the same Ctrl-C.
      onStopFailed = ({ message }) =>
        setTimeout(() => {
          stopped += `, but process ${child.pid} could not be ended (${message})`;
          resolve('');
        }, 2000).unref();
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
    if (!log.destroyed) await new Promise((resolve) => log.once('close', () => resolve(undefined)).end());
    if (logError !== undefined) {
      // biome-ignore lint/correctness/noUnsafeFinally: a full disk is the cause, that the step failed its consequence
      throw asFileFault(logError, command.logFile) ?? logError;
    }
  }
}

/**
 * Opened before anything runs, so that nothing has been done when it cannot be.
 * @param {string} file
 */
async function openLog(file) {
  try {
    mkdirSync(dirname(file), { recursive: true });
    const log = createWriteStream(file, { flags: 'a' });
    await once(log, 'open');
    return log;
  } catch (error) {
    throw asFileFault(error, file) ?? error;
  }
}

/**
 * What sudo started is root's, so only root may end it. sudo passes a signal on unless it comes from its own process
 * group, hence setsid.
 * @param {number} pid of sudo
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<void>}
 */
function stopThroughSudo(pid, env = process.env) {
  return new Promise((resolve, reject) => {
    const args = ['-n', 'setsid', '--wait', 'kill', String(pid)];
    execFile('sudo', args, { env, timeout: 10_000 }, (error, _stdout, stderr) => {
      if (error) reject(new Error(stderr.trim().split('\n', 1)[0] || error.message));
      else resolve();
    });
  });
}

/** @param {number} pid */
function killGroup(pid) {
  try {
    process.kill(-pid, 'SIGTERM');
  } catch (error) {
    // It ended by itself in this moment.
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error;
  }
}

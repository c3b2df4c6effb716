import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { wait } from '../../core/clock.ts';
import { endsWithParent } from '../../core/ends-with-parent.ts';
import { shorten } from '../../core/shorten.ts';
import { browserArguments, type ScreenPrograms } from './browsers.ts';
import { screenEnvironment } from './environment.ts';

/** Time that the processes of a session have to end by themselves, in ms. */
const graceMs = 1000;
const keptOutput = 4000;
/** Interval of the looks at the browser, in ms. */
const lookEveryMs = 1000;

export interface SessionOptions {
  readonly programs: ScreenPrograms;
  readonly url: string;
  /** Is emptied at each start. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
}

/** A compositor with a browser. */
export interface Session {
  /** Resolves with the reason once the compositor or the browser has ended. */
  readonly ended: Promise<string>;
  /** The newest line that one of the processes printed; empty without one. */
  lastLine(): string;
  /** Ends all processes within 2 s. */
  end(): Promise<void>;
}

/** Starts the compositor and the browser in a process group of their own. */
export function startSession({ programs, url, folder, env }: SessionOptions): Session {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { cage, browser } = programs;
  // So nothing holds the screen if this process is killed. Chromium also ends by itself without its compositor; cog does not.
  const command = [...endsWithParent(), browser.program, ...browserArguments(browser, url, folder)];
  const [file, ...args] = [...endsWithParent(), cage, '--', ...command] as [string, ...string[]];
  const child = spawn(file, args, {
    detached: true,
    env: screenEnvironment(env, folder),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const lastLine = lastLineOf(child);
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`));
    child.once('exit', (code, signal) => resolve(`ended ${signal ? `by ${signal}` : `with code ${code}`}`));
  });
  const ended = Promise.race([exited, unnoticedEnd(child, exited)]);
  return { ended, lastLine, end: () => endGroup(child, exited) };
}

/**
 * The end of a browser that its compositor does not notice. cage waits until every process of the browser has closed a pipe, but WebKit
 * keeps processes in reserve and stops them (SIGSTOP): they do not end with the browser, and the screen stays black.
 */
function unnoticedEnd({ pid }: ChildProcess, exited: Promise<unknown>): Promise<string> {
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (pid !== undefined && hasDeadChild(pid)) resolve('ended');
    }, lookEveryMs);
    void exited.then(() => clearInterval(timer));
  });
}

/** Whether a child of a process has ended without being noticed. */
function hasDeadChild(parent: number): boolean {
  return readIfThere(`/proc/${parent}/task/${parent}/children`)
    .split(' ')
    .some((pid) => pid !== '' && /^\d+ \(.*\) Z /s.test(readIfThere(`/proc/${pid}/stat`)));
}

/** The text of a file of the kernel; empty once its process is gone. */
function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

async function endGroup({ pid, stderr }: ChildProcess, exited: Promise<string>): Promise<void> {
  if (pid === undefined) return;
  const over = new AbortController();
  void exited.then(() => over.abort());
  signalGroup(pid, 'SIGTERM');
  await wait(graceMs, over.signal);
  // A stopped process does not receive SIGTERM, and the browser may outlive its compositor.
  signalGroup(pid, 'SIGKILL');
  await exited;
  stderr?.destroy();
}

function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    // Every process of the group has ended.
  }
}

/** Keeps the end of what a process and its children print. */
function lastLineOf(child: ChildProcess): () => string {
  let printed = '';
  child.stderr?.on('data', (bytes: Buffer) => {
    printed = (printed + bytes).slice(-keptOutput);
  });
  return () => shorten(printed.trim().split('\n').at(-1) ?? '');
}

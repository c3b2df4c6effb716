import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { wait } from '../../core/clock.ts';
import { endsWithParent } from '../../core/ends-with-parent.ts';
import { shorten } from '../../core/shorten.ts';
import { browserArguments, type ScreenPrograms } from './browsers.ts';
import { screenEnvironment } from './environment.ts';

/** Time that the processes of a session have to end by themselves, in ms. */
const graceMs = 1000;
const keptOutput = 4000;

export interface SessionOptions {
  readonly programs: ScreenPrograms;
  readonly url: string;
  /** Is emptied at each start. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
}

/** A compositor with a browser. */
export interface Session {
  /** Resolves with the reason once the compositor has ended; it ends with its browser. */
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
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`));
    child.once('exit', (code, signal) => resolve(`ended ${signal ? `by ${signal}` : `with code ${code}`}`));
  });
  return { ended, lastLine, end: () => endGroup(child, ended) };
}

async function endGroup({ pid, stderr }: ChildProcess, ended: Promise<string>): Promise<void> {
  if (pid === undefined) return;
  const over = new AbortController();
  void ended.then(() => over.abort());
  signalGroup(pid, 'SIGTERM');
  await wait(graceMs, over.signal);
  // A stopped process does not receive SIGTERM, and the browser may outlive its compositor.
  signalGroup(pid, 'SIGKILL');
  await ended;
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

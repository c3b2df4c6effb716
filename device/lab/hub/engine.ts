import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { exitCode, MienError } from '../../core/errors.ts';

/** Program and arguments of an engine, and how it runs. */
interface EngineCommand {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  /** Receives stdout and stderr of every run. */
  readonly logFile: string;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** System user that it runs as, if this process is root. */
  readonly user?: string;
}

/** A process of the hub that can be killed and started again. */
export class Engine {
  readonly #command: EngineCommand;
  readonly #killAtExit = () => this.#child?.kill('SIGKILL');
  #child: ChildProcess | undefined;

  constructor(command: EngineCommand) {
    this.#command = command;
    process.on('exit', this.#killAtExit);
  }

  get log(): string {
    return existsSync(this.#command.logFile) ? readFileSync(this.#command.logFile, 'utf8') : '';
  }

  /** Starts the process and waits until `isReady`. */
  async start(isReady: () => boolean | Promise<boolean>, limitMs = 30_000): Promise<void> {
    const { name, file, args, env, logFile, user } = this.#command;
    const log = openSync(logFile, 'a');
    const options = { stdio: ['ignore', log, log] as const, env: { ...process.env, ...env }, cwd: '/' };
    const child = spawn(file, [...args], { ...options, stdio: [...options.stdio], ...(user ? idsOf(user) : {}) });
    closeSync(log);
    this.#child = child;
    await once(child, 'spawn');
    const deadline = performance.now() + limitMs;
    while (!(await isReady())) {
      if (child.exitCode !== null || performance.now() > deadline) {
        throw new MienError(`expected ${name} to start, got exit code ${child.exitCode}: ${lastLines(this.log)}`, {
          code: exitCode.unavailable,
          remedy: `Read its whole log: ${logFile}`,
        });
      }
      await sleep(50);
    }
  }

  /** Ends the process; resolves when it has ended. */
  async end(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }
}

/** User and group id of a system user; nothing if this process is not root and so cannot change its user. */
export function idsOf(user: string): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string) => Number(execFileSync('id', [flag, user], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/**
 * The path of a program.
 *
 * @param folders searched after PATH: Debian keeps servers out of the PATH of users
 * @throws MienError (`unavailable`) if it is not installed
 */
export function findProgram(name: string, folders: readonly string[], remedy: string): string {
  const places = [...(process.env.PATH ?? '').split(delimiter), ...folders].map((folder) => join(folder, name));
  const found = places.find((path) => existsSync(path));
  if (found) return found;
  throw new MienError(`expected the program ${name}, found none in PATH`, { code: exitCode.unavailable, remedy });
}

/** Whether a server on this machine accepts connections at `port`. */
export async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    // Refused: no server yet.
    return false;
  } finally {
    socket.destroy();
  }
}

function lastLines(log: string): string {
  return log.trim().split('\n').slice(-3).join(' | ');
}

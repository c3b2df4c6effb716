import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageRoot } from '../../core/paths.ts';
import { SessionProcesses } from './processes.ts';

/** A user of no other process: cage refuses root. */
const userId = 61_709;

/** A secret as a service may have it; the browser must not. */
export const secret = 'MIEN_HTTP_TOKEN=a-secret-of-the-service';

/** The command line of the unit file, with the built command of this checkout, and the environment that the unit gives it. */
export class KioskUnit {
  readonly processes: SessionProcesses;
  readonly #runtime: string;
  #child: ChildProcess | undefined;
  #ended: Promise<unknown> = Promise.resolve();
  log = '';

  /** @param folder for the runtime directory */
  constructor(folder: string) {
    this.#runtime = join(folder, 'run');
    this.processes = new SessionProcesses(join(this.#runtime, 'screen'));
  }

  /** @param environment the display; empty: no display */
  start(options: readonly string[], environment: Readonly<Record<string, string>>): void {
    this.#makeRuntimeFolder();
    this.log = '';
    const [variable, value] = secret.split('=') as [string, string];
    const child = spawn(...asUser(commandLine(options)), {
      env: {
        ...{ PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`, LANG: 'C.UTF-8' },
        ...{ RUNTIME_DIRECTORY: this.#runtime, [variable]: value },
        ...environment,
      },
      cwd: '/',
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.stderr?.on('data', (bytes: Buffer) => {
      this.log += bytes;
    });
    this.#child = child;
    this.#ended = once(child, 'exit');
    process.on('exit', () => child.kill('SIGKILL'));
  }

  /** The texts of the log. */
  get lines(): string[] {
    const lines = this.log.trim().split('\n');
    return lines.filter((line) => line !== '').map((line) => (JSON.parse(line) as { msg: string }).msg);
  }

  get pid(): number {
    return this.#child!.pid!;
  }

  get isRunning(): boolean {
    return this.#child?.exitCode === null && this.#child.signalCode === null;
  }

  /** Sends a signal and waits for the end. @returns exit code, or null after a signal */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    this.#child?.kill(signal);
    await this.#ended;
    return this.#child?.exitCode ?? null;
  }

  #makeRuntimeFolder(): void {
    rmSync(this.#runtime, { recursive: true, force: true });
    mkdirSync(this.#runtime, { recursive: true, mode: 0o700 });
    if (process.getuid?.() !== 0) return;
    chownSync(this.#runtime, userId, userId);
    chmodSync(dirname(this.#runtime), 0o755);
  }
}

function commandLine(options: readonly string[]): string[] {
  const file = join(packageRoot, 'systemd/mien-kiosk.service');
  const [, start] = /^ExecStart=(.+)$/m.exec(readFileSync(file, 'utf8')) ?? [];
  if (start === undefined) throw new Error(`${file} has no ExecStart`);
  return start.split(' ').flatMap((word) => {
    if (word === '/opt/mien/current/bin/mien') return [process.execPath, builtCommand()];
    return word === '$KIOSK_OPTIONS' ? options : [word];
  });
}

function builtCommand(): string {
  const cli = join(packageRoot, 'device/dist/cli.js');
  if (!existsSync(cli)) throw new Error(`${cli} is missing; build it with: npm run build`);
  return cli;
}

function asUser(command: readonly string[]): [string, string[]] {
  const [file, ...args] = command as [string, ...string[]];
  if (process.getuid?.() !== 0) return [file, args];
  return ['setpriv', [`--reuid=${userId}`, `--regid=${userId}`, '--clear-groups', '--', file, ...args]];
}

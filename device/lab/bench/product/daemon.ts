import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { packageRoot } from '../../../core/paths.ts';
import type { DeviceState } from '../../../core/state.ts';
import type { Reading } from '../../../core/types.ts';
import { processTree } from './processes.ts';

/** Longer than the slowest board takes to load its models. */
const startDeadlineMs = 60_000;

/** The built program of this checkout. */
export const checkoutCli = join(packageRoot, 'device/dist/cli.js');

export type Settings = Readonly<Record<string, string | number | boolean>>;

/** The whole product as users start it, measured from outside. */
export class Daemon {
  readonly #child: ChildProcess;
  readonly #dataDir: string;
  readonly #startedAt = performance.now();
  readonly #killAtExit = () => this.#child.kill('SIGKILL');
  #log = '';
  #origin = '';

  private constructor(child: ChildProcess, dataDir: string) {
    this.#child = child;
    this.#dataDir = dataDir;
    child.stderr!.on('data', (bytes: Buffer) => {
      this.#log = (this.#log + bytes.toString()).slice(-20_000);
    });
    process.on('exit', this.#killAtExit);
  }

  /**
   * Resolves when the page is served.
   *
   * @param settings by path, as for `--set`
   * @param flags of `mien run`; the settings take precedence
   * @param cli the program `mien`: of the checkout, or of an unpacked release
   */
  static async start(settings: Settings, flags: readonly string[], cli = checkoutCli): Promise<Daemon> {
    const dataDir = await mkdtemp(join(tmpdir(), 'mien-bench-'));
    const all = { dataDir, 'http.port': 0, 'log.format': 'json', 'device.name': 'bench', ...settings };
    const set = Object.entries(all).flatMap(([path, value]) => ['--set', `${path}=${value}`]);
    const child = spawn(cli, ['run', ...flags, ...set], { stdio: ['ignore', 'ignore', 'pipe'] });
    const daemon = new Daemon(child, dataDir);
    try {
      daemon.#origin = await daemon.#address();
      return daemon;
    } catch (error) {
      await daemon.stop();
      throw error;
    }
  }

  get origin(): string {
    return this.#origin;
  }

  /** Process ids of the daemon and of its vision process, which may be replaced later. */
  get pids(): number[] {
    return processTree(this.#child.pid!);
  }

  /** Process id of the vision process, if it is running. */
  get visionPid(): number | undefined {
    return this.pids[1];
  }

  /** The newest reading; undefined before the first. */
  async reading(): Promise<Reading | undefined> {
    const response = await fetch(`${this.#origin}/api/v1/reading`);
    return response.status === 200 ? ((await response.json()) as Reading) : undefined;
  }

  async state(): Promise<DeviceState> {
    const answer = (await (await fetch(`${this.#origin}/api/v1/state`)).json()) as { state: DeviceState };
    return answer.state;
  }

  /** Resolves with the first matching reading, and its time in ms since the start of the daemon. */
  async until(satisfies: (reading: Reading) => boolean): Promise<{ reading: Reading; afterMs: number }> {
    for (const deadline = performance.now() + startDeadlineMs; performance.now() < deadline; await sleep(10)) {
      const reading = await this.reading();
      if (reading && satisfies(reading)) return { reading, afterMs: performance.now() - this.#startedAt };
    }
    throw new Error(`No reading as expected within ${startDeadlineMs / 1000} s. The daemon's log: ${this.#log}`);
  }

  /** Suspends the product while `work` runs, which must take less than `camera.stallMs`. */
  async whileStopped<T>(work: () => Promise<T>): Promise<T> {
    const { pids } = this;
    try {
      for (const pid of pids) signal(pid, 'SIGSTOP');
      return await work();
    } finally {
      // Resume the vision process first, so that the daemon finds a heartbeat when it resumes.
      for (const pid of pids.reverse()) signal(pid, 'SIGCONT');
    }
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGTERM');
      await once(this.#child, 'exit');
    }
    process.off('exit', this.#killAtExit);
    await rm(this.#dataDir, { recursive: true, force: true });
  }

  /** The daemon logs the address of its page. */
  async #address(): Promise<string> {
    for (const deadline = performance.now() + startDeadlineMs; performance.now() < deadline; await sleep(20)) {
      const port = /http:\/\/localhost:(\d+)/.exec(this.#log)?.[1];
      if (port) return `http://127.0.0.1:${port}`;
      if (this.#child.exitCode !== null) break;
    }
    throw new Error(`The daemon did not start: ${this.#log}`);
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has just ended and was restarted.
  }
}

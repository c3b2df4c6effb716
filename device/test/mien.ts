import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../core/paths.ts';

const cli = join(packageRoot, 'device', 'dist', 'cli.js');

/** A `mien` command as its users start it: the built program in a process of its own. */
export class Mien {
  readonly process: ChildProcess;
  readonly exited: Promise<number | null>;
  stdout = '';
  stderr = '';

  /** @param through a program that starts it, with its arguments */
  constructor(args: readonly string[], through: readonly string[] = []) {
    if (!existsSync(cli)) throw new Error(`${cli} is missing; build it with: npm run build (npm test does)`);
    const [file = cli, ...rest] = [...through, cli, ...args];
    this.process = spawn(file, rest, {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: packageRoot,
      // As through npx, whatever started the tests: remedies name the command as it was called.
      env: { ...process.env, npm_command: 'exec' },
    });
    this.process.stdout!.on('data', (bytes: Buffer) => {
      this.stdout += bytes;
    });
    this.process.stderr!.on('data', (bytes: Buffer) => {
      this.stderr += bytes;
    });
    this.exited = once(this.process, 'close').then(([code]) => code as number | null);
  }

  /** Resolves with the first match in what was printed so far or will be. */
  async prints(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.stdout) ?? pattern.exec(this.stderr);
      if (match) return match;
      if (this.process.exitCode !== null)
        throw new Error(`mien ended without printing ${pattern}: ${this.stdout}${this.stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Address of the kiosk page, once it is served; by number, because a bare system may not know the name localhost. */
  async url(): Promise<string> {
    return `http://127.0.0.1:${(await this.prints(/http:\/\/localhost:(\d+)/))[1]}`;
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.process.kill(signal);
    return this.exited;
  }
}

/** The daemon on the built-in clip, played fast, so that somebody comes and goes every few seconds. */
export function runOnClip(settings: Readonly<Record<string, string | number>>): Mien {
  const all = {
    'camera.source': 'demo',
    'camera.pace': 'max',
    'camera.fps': 60,
    'visits.gapMs': 300,
    'visits.minDwellMs': 100,
    'device.name': 'e2e',
    'http.port': 0,
    ...settings,
  };
  return new Mien(['run', ...Object.entries(all).flatMap(([path, value]) => ['--set', `${path}=${value}`])]);
}

/** Asks again until the answer satisfies; the test's own timeout is the limit. */
export async function until<T>(ask: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

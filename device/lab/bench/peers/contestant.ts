import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import type { Pass } from './contest.ts';

/** A program that plays clips on request. It loads its models once. */
export class Contestant {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #lines: Interface;
  readonly #killAtExit = () => this.#child.kill('SIGKILL');
  #said = '';

  constructor(name: string, [file, ...args]: readonly [string, ...string[]]) {
    this.name = name;
    this.#child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#lines = createInterface({ input: this.#child.stdout! });
    this.#child.stderr!.on('data', (bytes: Buffer) => {
      this.#said = (this.#said + bytes.toString()).slice(-4000);
    });
    this.#child.stdin!.on('error', () => {
      // It has ended; `play` reports its last output.
    });
    process.on('exit', this.#killAtExit);
  }

  /** @throws Error if it ends without an answer */
  async play(clip: string): Promise<Pass> {
    const answered = new AbortController();
    const ended = once(this.#child, 'close', { signal: answered.signal }).then(
      () => {
        throw new Error(`${this.name} ended instead of answering: ${this.#said.trim()}`);
      },
      (error: unknown) => {
        if (!answered.signal.aborted) throw error;
      },
    );
    this.#child.stdin!.write(`${JSON.stringify({ clip })}\n`);
    try {
      const [line] = (await Promise.race([once(this.#lines, 'line'), ended])) as [string];
      return JSON.parse(line) as Pass;
    } finally {
      answered.abort();
    }
  }

  /** Closes its standard input, which ends it. */
  async stop(): Promise<void> {
    process.off('exit', this.#killAtExit);
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.stdin!.end();
    await once(this.#child, 'close');
  }
}

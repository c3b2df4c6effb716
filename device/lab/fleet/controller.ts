import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { childEnvironment } from '../../core/child-environment.ts';
import { packageRoot } from '../../core/paths.ts';
import { type Recap, recapOf } from './recap.ts';

export interface PlaybookRun {
  readonly code: number;
  readonly output: string;
  readonly recap: ReadonlyMap<string, Recap>;
  readonly seconds: number;
}

/** The operator's machine: runs playbooks of the repository against an inventory. */
export class Controller {
  readonly #program: string;
  readonly #inventory: string;
  readonly #log: string;
  #running: ChildProcess | undefined;

  /** @param log file for the output of all runs */
  constructor(program: string, inventory: string, log: string) {
    this.#program = program;
    this.#inventory = inventory;
    this.#log = log;
  }

  /** @param variables passed with -e @param meanwhile called with all output so far */
  async play(
    playbook: string,
    variables: Readonly<Record<string, unknown>> = {},
    meanwhile?: (output: string) => void,
  ): Promise<PlaybookRun> {
    const args = [playbook, '-i', this.#inventory, '-e', JSON.stringify(variables)];
    const ansible = join(packageRoot, 'ansible');
    const env = { ...childEnvironment(), ANSIBLE_CONFIG: join(ansible, 'ansible.cfg'), ANSIBLE_NOCOLOR: '1' };
    const since = performance.now();
    const child = spawn(this.#program, args, { cwd: ansible, env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#running = child;
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        appendFileSync(this.#log, text);
        meanwhile?.(output);
      });
    }
    const [code] = (await once(child, 'close')) as [number | null];
    this.#running = undefined;
    return { code: code ?? -1, output, recap: recapOf(output), seconds: (performance.now() - since) / 1000 };
  }

  /** Ends the playbook that runs. */
  stop(): void {
    this.#running?.kill();
  }
}

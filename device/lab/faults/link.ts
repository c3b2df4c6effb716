import { execFileSync } from 'node:child_process';
import { describeError } from '../../core/errors.ts';

/** No interface has this address, so packets to it are dropped. */
const unusedMac = '02:00:00:00:00:01';

/** A network namespace for devices, and its link to this machine. */
export class Link {
  readonly #id: number;
  readonly #subnet: string;

  private constructor(id: number) {
    this.#id = id;
    this.#subnet = `10.213.${id % 250}`;
  }

  /** @returns the reason, in one line, where this machine does not allow it */
  static create(): Link | string {
    const link = new Link(process.pid);
    try {
      link.#build();
      return link;
    } catch (error) {
      link.remove();
      return `A network namespace cannot be made (${describeError(error)}). Run it as root, with iproute2 installed.`;
    }
  }

  get brokerAddress(): string {
    return `${this.#subnet}.1`;
  }

  /** The program that starts another one inside the namespace. */
  get through(): readonly string[] {
    return ['ip', 'netns', 'exec', this.#namespace];
  }

  /** Drops packets silently: all, or only those to the devices. */
  drop(which: 'both ways' | 'answers'): void {
    ip(`neigh replace ${this.#subnet}.2 lladdr ${unusedMac} dev ${this.#outer} nud permanent`);
    if (which === 'both ways')
      this.#inside(`neigh replace ${this.#subnet}.1 lladdr ${unusedMac} dev ${this.#inner} nud permanent`);
  }

  restore(): void {
    ip(`neigh flush dev ${this.#outer} nud permanent`);
    this.#inside(`neigh flush dev ${this.#inner} nud permanent`);
  }

  /** The pair of interfaces goes with the namespace. */
  remove(): void {
    try {
      ip(`netns delete ${this.#namespace}`);
    } catch {
      // It was never made, or is gone.
    }
  }

  #build(): void {
    ip(`netns add ${this.#namespace}`);
    ip(`link add ${this.#outer} type veth peer name ${this.#inner} netns ${this.#namespace}`);
    ip(`address add ${this.#subnet}.1/30 dev ${this.#outer}`);
    ip(`link set ${this.#outer} up`);
    this.#inside(`address add ${this.#subnet}.2/30 dev ${this.#inner}`);
    this.#inside(`link set ${this.#inner} up`);
    this.#inside('link set lo up');
  }

  #inside(command: string): void {
    ip(`-netns ${this.#namespace} ${command}`);
  }

  get #namespace(): string {
    return `mien-${this.#id}`;
  }

  get #outer(): string {
    return `mo${this.#id}`;
  }

  get #inner(): string {
    return `mi${this.#id}`;
  }
}

function ip(command: string): void {
  execFileSync('ip', command.split(' '), { stdio: 'pipe' });
}

import { randomBytes } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import type { Role } from './role.ts';
import { digest } from './secrets.ts';

/** However often it is used, a login is asked for again after this. */
export const longestMs = 30 * 24 * 3_600_000;
/** More than the screens and people of a device; beyond it the one that was used least recently ends. */
const most = 200;
const sweepMs = 60_000;

export interface Session {
  readonly id: string;
  readonly role: Role;
  /** When it ends unless it is used, in ms since 1970. */
  readonly expires: number;
  /** Aborts when it ends. */
  readonly ended: AbortSignal;
}

interface Entry {
  readonly role: Role;
  readonly startedAt: number;
  readonly end: AbortController;
  usedAt: number;
}

/**
 * Who is logged in. Kept in memory under the digest of the id: what a debugger or a core dump shows is no key, and a
 * restart of the daemon logs everybody out. Times are monotonic ones; a wall clock that jumps ends nothing early.
 */
export class Sessions {
  readonly #entries = new Map<string, Entry>();
  readonly #clock: Clock;
  readonly #idleMs: number;
  #sweeper: NodeJS.Timeout | undefined;

  constructor(options: { clock: Clock; idleMs: number }) {
    this.#clock = options.clock;
    this.#idleMs = options.idleMs;
  }

  /** Always under a new id; the caller never proposes one. */
  start(role: Role): Session {
    const id = randomBytes(32).toString('base64url');
    const now = this.#clock.mono();
    const entry: Entry = { role, startedAt: now, usedAt: now, end: new AbortController() };
    this.#entries.set(keyOf(id), entry);
    this.#sweep();
    // A stream that nobody asks anything beside ends with its session too.
    this.#sweeper ??= setInterval(() => this.#sweep(), sweepMs).unref();
    return this.#describe(id, entry);
  }

  /** The session of this id, which counts as used now; undefined when it is over or never was. */
  use(id: string): Session | undefined {
    this.#sweep();
    const key = keyOf(id);
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    entry.usedAt = this.#clock.mono();
    // The map's order is that of their last use.
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return this.#describe(id, entry);
  }

  end(id: string): void {
    this.#drop(keyOf(id));
  }

  #describe(id: string, entry: Entry): Session {
    return { id, role: entry.role, expires: this.#clock.now() + this.#leftOf(entry), ended: entry.end.signal };
  }

  #leftOf({ usedAt, startedAt }: Entry): number {
    return Math.min(usedAt + this.#idleMs, startedAt + longestMs) - this.#clock.mono();
  }

  #sweep(): void {
    for (const [key, entry] of this.#entries) if (this.#leftOf(entry) <= 0) this.#drop(key);
    for (const key of this.#entries.keys()) {
      if (this.#entries.size <= most) return;
      this.#drop(key);
    }
  }

  #drop(key: string): void {
    const entry = this.#entries.get(key);
    this.#entries.delete(key);
    entry?.end.abort();
    if (this.#entries.size > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }
}

function keyOf(id: string): string {
  return digest(id).toString('base64');
}

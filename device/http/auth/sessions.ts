import { randomBytes } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import type { Role } from './role.ts';
import { digest } from './secrets.ts';

/** Maximum age of a session, however often it is used. */
export const maxSessionMs = 30 * 24 * 3_600_000;
/** More than the screens and people of a device. Beyond it the least recently used session ends. */
const maxSessions = 200;
const sweepMs = 60_000;

export interface Session {
  readonly id: string;
  readonly role: Role;
  /** End of the session unless it is used, in ms since 1970. */
  readonly expires: number;
  /** Aborts when the session ends. */
  readonly ended: AbortSignal;
}

interface Entry {
  readonly role: Role;
  readonly startedAt: number;
  readonly end: AbortController;
  usedAt: number;
}

/**
 * The open sessions. They are kept in memory under the digest of their id: a debugger or a core dump reveals no usable id,
 * and a restart of the daemon ends all sessions. Times are monotonic, so that a jump of the wall clock ends no session early.
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

  /** Starts a session under a new id; the client never proposes one. */
  start(role: Role): Session {
    const id = randomBytes(32).toString('base64url');
    const now = this.#clock.mono();
    const entry: Entry = { role, startedAt: now, usedAt: now, end: new AbortController() };
    this.#entries.set(keyOf(id), entry);
    this.#sweep();
    // A stream without further requests must end with its session too.
    this.#sweeper ??= setInterval(() => this.#sweep(), sweepMs).unref();
    return this.#describe(id, entry);
  }

  /** Returns the session and marks it as used; undefined for an ended or unknown session. */
  use(id: string): Session | undefined {
    this.#sweep();
    const key = keyOf(id);
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    entry.usedAt = this.#clock.mono();
    // Reinsert it: the order of the map is that of the last use.
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
    return Math.min(usedAt + this.#idleMs, startedAt + maxSessionMs) - this.#clock.mono();
  }

  #sweep(): void {
    for (const [key, entry] of this.#entries) if (this.#leftOf(entry) <= 0) this.#drop(key);
    for (const key of this.#entries.keys()) {
      if (this.#entries.size <= maxSessions) return;
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

import { describeError } from '../../core/errors.ts';
import type { Log } from '../../core/log.ts';
import type { StateBoard } from '../../core/state.ts';

/**
 * Topics to which the broker refuses messages although the connection is up, and topic filters of refused subscriptions. The
 * state board shows the one that was refused last; a message that is refused again changes nothing there, because each change
 * of the board makes a message. Each topic is logged once, until the broker accepts it.
 */
export class Refusals {
  readonly #board: StateBoard;
  readonly #log: Log;
  readonly #reasons = new Map<string, string>();
  readonly #logged = new Set<string>();

  constructor({ board, log }: { readonly board: StateBoard; readonly log: Log }) {
    this.#board = board;
    this.#log = log;
  }

  /** Topics and filters that are refused on this connection. */
  get topics(): readonly string[] {
    return [...this.#reasons.keys()];
  }

  /** A new connection: the rights may have changed. */
  clear(): void {
    this.#reasons.clear();
  }

  refused(topic: string, error: unknown, remedy: string, what: 'message' | 'subscription' = 'message'): void {
    if (this.#reasons.has(topic)) return;
    const reason = `The broker refused a ${what} to ${topic} (${describeError(error)}). ${remedy}.`;
    this.#reasons.set(topic, reason);
    this.#board.update('mqtt', { reason, code: 'broker-refused' });
    if (!this.#logged.has(topic)) this.#log.warn(reason);
    this.#logged.add(topic);
  }

  accepted(topic: string): void {
    this.#logged.delete(topic);
    if (!this.#reasons.delete(topic)) return;
    const reason = [...this.#reasons.values()].at(-1);
    this.#board.update('mqtt', { reason, code: reason === undefined ? undefined : 'broker-refused' });
  }
}

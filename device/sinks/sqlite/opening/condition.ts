import { describeError, type MienError } from '../../../core/errors.ts';
import type { Log } from '../../../core/log.ts';
import type { StateBoard } from '../../../core/state.ts';
import type { Backlog } from '../outbox/backlog.ts';
import { storeCodeOf } from './fault.ts';

/** Reports the condition of the database on the state board and in the log of the daemon. */
export class Condition {
  readonly #board: StateBoard;
  readonly #log: Log;
  readonly #backlog: Backlog;
  /** The fault that the board shows. */
  #shown: string | undefined;
  #shownLost = 0;

  constructor(deps: { board: StateBoard; log: Log; backlog: Backlog }) {
    this.#board = deps.board;
    this.#log = deps.log;
    this.#backlog = deps.backlog;
  }

  get isFailing(): boolean {
    return this.#shown !== undefined;
  }

  failing(fault: MienError): void {
    const { lost, size: pending } = this.#backlog;
    const isNew = fault.message !== this.#shown || (lost > 0 && this.#shownLost === 0);
    this.#shown = fault.message;
    this.#shownLost = lost;
    const rows = lost > 0 ? `${lost} rows are lost, the others wait in memory` : 'Nothing is lost: rows wait in memory';
    const reason = `${describeError(fault)} ${rows}.`;
    this.#board.update('store', { state: 'failing', reason, code: storeCodeOf(fault), pending });
    if (isNew) this.#log.warn({ pending }, reason);
  }

  /** The database is not open yet, and nothing is wrong. A fault stays until a write succeeds. */
  starting(reason: string): void {
    if (this.isFailing) return;
    this.#board.update('store', { state: 'starting', reason, code: undefined, pending: this.#backlog.size });
    this.#log.info(reason);
  }

  /** Updates the number of rows in memory. */
  stillWaiting(): void {
    if (this.#board.current.store.state !== 'ok') this.#board.update('store', { pending: this.#backlog.size });
  }

  /** @param salvaging state of the salvage, if one is in progress @param remark another restriction */
  ok(salvaging: string | undefined, remark: string | undefined): void {
    if (this.isFailing) this.#log.info({ lost: this.#backlog.lost }, 'the database can be written again');
    this.#shown = undefined;
    const code = salvaging === undefined ? undefined : 'store-salvaging';
    this.#board.update('store', { state: 'ok', reason: salvaging ?? remark, code, pending: undefined });
  }

  /** Reports the rows that were still unwritten at the stop: they are lost. */
  stopped(fault: MienError): void {
    const lost = this.#backlog.size + this.#backlog.lost;
    const reason = `stopped with ${lost} rows unwritten: ${describeError(fault)}`;
    this.#log.error({ lost }, reason);
    this.#board.update('store', { state: 'failing', reason, pending: lost });
  }
}

import { describeError, type MienError } from '../../../core/errors.ts';
import type { Log } from '../../../core/log.ts';
import type { StateBoard } from '../../../core/state.ts';
import type { Backlog } from '../outbox/backlog.ts';
import { storeCodeOf } from './fault.ts';

/** How the log is, on the state board and in the daemon's own log. */
export class Condition {
  readonly #board: StateBoard;
  readonly #log: Log;
  readonly #backlog: Backlog;
  /** The fault that the board shows. */
  #told: string | undefined;
  #toldLost = 0;

  constructor(deps: { board: StateBoard; log: Log; backlog: Backlog }) {
    this.#board = deps.board;
    this.#log = deps.log;
    this.#backlog = deps.backlog;
  }

  get isFailing(): boolean {
    return this.#told !== undefined;
  }

  failing(fault: MienError): void {
    const { lost, size: pending } = this.#backlog;
    const isNews = fault.message !== this.#told || (lost > 0 && this.#toldLost === 0);
    this.#told = fault.message;
    this.#toldLost = lost;
    const rows = lost > 0 ? `${lost} rows are lost, the others wait in memory` : 'Nothing is lost: rows wait in memory';
    const reason = `${describeError(fault)} ${rows}.`;
    this.#board.update('store', { state: 'failing', reason, code: storeCodeOf(fault), pending });
    if (isNews) this.#log.warn({ pending }, reason);
  }

  /** More rows may wait by now. */
  stillFailing(): void {
    if (this.isFailing) this.#board.update('store', { pending: this.#backlog.size });
  }

  /** `salvaging`: what is done beside the writing, if anything. */
  ok(salvaging: string | undefined): void {
    if (this.isFailing) this.#log.info({ lost: this.#backlog.lost }, 'the database can be written again');
    this.#told = undefined;
    const code = salvaging === undefined ? undefined : 'store-salvaging';
    this.#board.update('store', { state: 'ok', reason: salvaging, code, pending: undefined });
  }

  /** The end: what could not be written is gone. */
  stopped(fault: MienError): void {
    const lost = this.#backlog.size + this.#backlog.lost;
    const reason = `stopped with ${lost} rows unwritten: ${describeError(fault)}`;
    this.#log.error({ lost }, reason);
    this.#board.update('store', { state: 'failing', reason, pending: lost });
  }
}

import type { DeviceView } from '../../contract/state.ts';
import type { Reading, Visit } from '../../core/types.ts';

export type DeviceEvent =
  | { readonly event: 'state'; readonly data: DeviceView }
  | { readonly event: 'reading'; readonly data: Reading }
  | { readonly event: 'visit'; readonly data: Visit }
  /** No event came within the given time. */
  | { readonly event: 'silence' };

/** Maximum of visits that wait for a slow client. Beyond it the oldest are dropped; GET /api/v1/visits still has them. */
const maxVisits = 100;

/**
 * Events that one client has not received yet. A newer state or reading replaces the one that waits; visits queue up. So a
 * slow client takes a bounded amount of memory and does not delay the other clients.
 */
export class EventQueue {
  readonly #view: () => DeviceView;
  #stateChanged = true;
  #reading: Reading | undefined;
  readonly #visits: Visit[] = [];
  #resume: (() => void) | undefined;
  #closed = false;

  constructor(view: () => DeviceView) {
    this.#view = view;
  }

  stateChanged(): void {
    this.#stateChanged = true;
    this.#resume?.();
  }

  addReading(reading: Reading): void {
    this.#reading = reading;
    this.#resume?.();
  }

  addVisit(visit: Visit): void {
    this.#visits.push(visit);
    if (this.#visits.length > maxVisits) this.#visits.shift();
    this.#resume?.();
  }

  close(): void {
    this.#closed = true;
    this.#resume?.();
  }

  /** Resolves with the next event, with `silence` after `silenceMs` without one, and with undefined once closed. */
  async next(silenceMs: number): Promise<DeviceEvent | undefined> {
    if (!this.#closed && !this.#hasEvent) await this.#waitForEvent(silenceMs);
    if (this.#closed) return undefined;
    if (this.#stateChanged) {
      this.#stateChanged = false;
      return { event: 'state', data: this.#view() };
    }
    const visit = this.#visits.shift();
    if (visit) return { event: 'visit', data: visit };
    const reading = this.#reading;
    this.#reading = undefined;
    return reading ? { event: 'reading', data: reading } : { event: 'silence' };
  }

  get #hasEvent(): boolean {
    return this.#stateChanged || this.#reading !== undefined || this.#visits.length > 0;
  }

  async #waitForEvent(silenceMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, silenceMs);
      this.#resume = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#resume = undefined;
  }
}

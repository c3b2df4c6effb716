import type { DeviceView } from '../../contract/state.ts';
import type { Reading, Visit } from '../../core/types.ts';

export type DeviceEvent =
  | { readonly event: 'state'; readonly data: DeviceView }
  | { readonly event: 'reading'; readonly data: Reading }
  | { readonly event: 'visit'; readonly data: Visit }
  /** Nothing has happened for a while. */
  | { readonly event: 'silence' };

/** Visits that wait for a slow client; beyond it the oldest go, which GET /api/v1/visits still has. */
const mostVisits = 100;

/**
 * What one client has not had yet. State and reading are those of now: a newer one takes the place of the one before;
 * visits wait. So a slow client costs a bounded amount of memory, and nobody else's time.
 */
export class EventQueue {
  readonly #view: () => DeviceView;
  #stateChanged = true;
  #reading: Reading | undefined;
  readonly #visits: Visit[] = [];
  #wake: (() => void) | undefined;
  #closed = false;

  constructor(view: () => DeviceView) {
    this.#view = view;
  }

  stateChanged(): void {
    this.#stateChanged = true;
    this.#wake?.();
  }

  addReading(reading: Reading): void {
    this.#reading = reading;
    this.#wake?.();
  }

  addVisit(visit: Visit): void {
    this.#visits.push(visit);
    if (this.#visits.length > mostVisits) this.#visits.shift();
    this.#wake?.();
  }

  close(): void {
    this.#closed = true;
    this.#wake?.();
  }

  /** The next event, or `silence` when there is none for so long; undefined once closed. */
  async next(silenceMs: number): Promise<DeviceEvent | undefined> {
    if (!this.#closed && !this.#waits) await this.#something(silenceMs);
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

  get #waits(): boolean {
    return this.#stateChanged || this.#reading !== undefined || this.#visits.length > 0;
  }

  async #something(silenceMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, silenceMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }
}

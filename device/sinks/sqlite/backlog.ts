import type { Sample, Visit } from '../../core/types.ts';
import type { Batch } from './rows.ts';

/**
 * Rows on their way to the database, oldest first; grows only while it cannot be written. Beyond `limit` rows the oldest
 * samples go, and a visit only when no sample is left.
 */
export class Backlog {
  readonly #limit: number;
  readonly #samples: Sample[] = [];
  readonly #visits: Visit[] = [];
  readonly #published = new Set<string>();
  #lost = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#samples.length + this.#visits.length + this.#published.size;
  }

  /** Rows that had to go. */
  get lost(): number {
    return this.#lost;
  }

  get visits(): readonly Visit[] {
    return this.#visits;
  }

  get published(): ReadonlySet<string> {
    return this.#published;
  }

  addSamples(samples: readonly Sample[]): void {
    this.#samples.push(...samples);
    this.#shed();
  }

  addVisit(visit: Visit): void {
    this.#visits.push(visit);
    this.#shed();
  }

  addPublished(visitId: string): void {
    this.#published.add(visitId);
  }

  /** Up to about `limit` rows. A mark never goes ahead of its visit: it would find no row to mark. */
  peek(limit: number): Batch {
    const visits = this.#visits.slice(0, limit);
    const published = visits.length === this.#visits.length ? [...this.#published].slice(0, limit) : [];
    return { visits, published, samples: this.#samples.slice(0, limit) };
  }

  remove(batch: Batch): void {
    this.#samples.splice(0, batch.samples.length);
    this.#visits.splice(0, batch.visits.length);
    for (const id of batch.published) this.#published.delete(id);
  }

  #shed(): void {
    const excess = this.#samples.length + this.#visits.length - this.#limit;
    if (excess <= 0) return;
    const samples = this.#samples.splice(0, excess).length;
    // Their marks would never find a row.
    for (const { id } of this.#visits.splice(0, excess - samples)) this.#published.delete(id);
    this.#lost += excess;
  }
}

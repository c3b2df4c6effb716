import type { Sample, Visit } from '../../../core/types.ts';
import type { Batch } from './writer.ts';

/**
 * Rows that wait for the database, oldest first. It grows only while the database cannot be written. Above `limit` rows the
 * oldest samples are dropped, and visits only when no sample is left.
 */
export class Backlog {
  readonly #limit: number;
  readonly #samples: Sample[] = [];
  readonly #visits: Visit[] = [];
  readonly #published = new Set<string>();
  #stays: readonly Visit[] | undefined;
  #lost = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#samples.length + this.#visits.length + this.#published.size;
  }

  get isEmpty(): boolean {
    return this.size === 0 && this.#stays === undefined;
  }

  /** Number of dropped rows. */
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
    this.#stays = this.#stays?.filter(({ track }) => track !== visit.track);
    this.#shed();
  }

  /** Replaces the snapshot of the stays in progress. */
  setStays(stays: readonly Visit[]): void {
    this.#stays = stays;
  }

  addPublished(visitId: string): void {
    this.#published.add(visitId);
  }

  /** Up to about `limit` rows. A mark is never written before its visit: it would find no row. */
  peek(limit: number): Batch {
    const visits = this.#visits.slice(0, limit);
    const hasAllVisits = visits.length === this.#visits.length;
    const published = hasAllVisits ? [...this.#published].slice(0, limit) : [];
    // The stays wait too: the snapshot lacks a stay whose visit is not written yet.
    const stays = hasAllVisits ? this.#stays : undefined;
    return { visits, published, stays, samples: this.#samples.slice(0, limit) };
  }

  remove(batch: Batch): void {
    this.#samples.splice(0, batch.samples.length);
    this.#visits.splice(0, batch.visits.length);
    for (const id of batch.published) this.#published.delete(id);
    if (this.#stays === batch.stays) this.#stays = undefined;
  }

  #shed(): void {
    const excess = this.#samples.length + this.#visits.length - this.#limit;
    if (excess <= 0) return;
    const samples = this.#samples.splice(0, excess).length;
    // The marks of dropped visits would never find a row.
    for (const { id } of this.#visits.splice(0, excess - samples)) this.#published.delete(id);
    this.#lost += excess;
  }
}

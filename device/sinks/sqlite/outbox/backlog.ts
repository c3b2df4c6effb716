import { idOf, type OutboxRecord } from '../../../core/store.ts';
import type { Sample, Visit } from '../../../core/types.ts';
import type { OpenMinute } from '../rollup/open-minutes.ts';
import type { Batch, PublishedRecord } from './writer.ts';

/**
 * Rows that wait for the database, oldest first. It grows only while the database cannot be written. Above `limit` rows the
 * oldest samples are dropped first, then the oldest visits, and minutes last: they are the coarsest record.
 */
export class Backlog {
  readonly #limit: number;
  readonly #samples: Sample[] = [];
  /** Number of the first samples that may be written now. */
  #released = 0;
  /** Visits and minutes in the order in which they were made. */
  readonly #records: OutboxRecord[] = [];
  readonly #published = new Map<string, PublishedRecord>();
  #stays: readonly Visit[] | undefined;
  #openMinute: OpenMinute | undefined;
  #lost = 0;
  #lostRecords = 0;
  #allLostRecords = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#samples.length + this.#records.length + this.#published.size;
  }

  /** Whether nothing is to be written now. */
  get isEmpty(): boolean {
    const isIdle = this.#released + this.#records.length + this.#published.size === 0;
    return isIdle && this.#stays === undefined && this.#openMinute === undefined;
  }

  /** Number of dropped rows. */
  get lost(): number {
    return this.#lost;
  }

  /** Number of visits and minutes that were dropped unpublished, and that the database does not count yet. */
  get lostRecords(): number {
    return this.#lostRecords;
  }

  /** The same since the start of the program. */
  get allLostRecords(): number {
    return this.#allLostRecords;
  }

  /** Records that are not written yet. */
  get records(): readonly OutboxRecord[] {
    return this.#records;
  }

  /** Records whose acknowledgement is not written yet, by their id. */
  get published(): ReadonlyMap<string, PublishedRecord> {
    return this.#published;
  }

  /** Lets the next batches write the samples of now: many in one transaction cost few pages. */
  release(): void {
    this.#released = this.#samples.length;
  }

  addSamples(samples: readonly Sample[]): void {
    this.#samples.push(...samples);
    this.#shed();
  }

  /** Drops the samples, so that the visits and minutes have the rest of the disk. */
  dropSamples(): void {
    this.#lost += this.#takeSamples(this.#samples.length);
  }

  add(record: OutboxRecord): void {
    this.#records.push(record);
    if (record.kind === 'visit') this.#stays = this.#stays?.filter(({ track }) => track !== record.visit.track);
    else this.#openMinute = undefined;
    this.#shed();
  }

  /** Replaces the snapshot of the stays in progress. */
  setStays(stays: readonly Visit[]): void {
    this.#stays = stays;
  }

  /** Replaces the snapshot of the minute in progress. */
  setOpenMinute(minute: OpenMinute): void {
    this.#openMinute = minute;
  }

  addPublished(records: readonly OutboxRecord[]): void {
    for (const record of records) this.#published.set(idOf(record), { kind: record.kind, id: idOf(record) });
  }

  /** Up to about `limit` rows. A mark is never written before its record: it would find no row. */
  peek(limit: number): Batch {
    const records = this.#records.slice(0, limit);
    const hasAll = records.length === this.#records.length;
    const published = hasAll ? [...this.#published.values()].slice(0, limit) : [];
    return {
      visits: records.flatMap((record) => (record.kind === 'visit' ? [record.visit] : [])),
      minutes: records.flatMap((record) => (record.kind === 'minute' ? [record.minute] : [])),
      published,
      // The snapshots wait too: they lack a stay whose visit is not written yet.
      stays: hasAll ? this.#stays : undefined,
      openMinute: hasAll ? this.#openMinute : undefined,
      samples: this.#samples.slice(0, Math.min(limit, this.#released)),
      lost: this.#lostRecords,
    };
  }

  remove(batch: Batch): void {
    this.#takeSamples(batch.samples.length);
    this.#records.splice(0, batch.visits.length + batch.minutes.length);
    this.#lostRecords -= batch.lost ?? 0;
    for (const { id } of batch.published) this.#published.delete(id);
    if (this.#stays === batch.stays) this.#stays = undefined;
    if (this.#openMinute === batch.openMinute) this.#openMinute = undefined;
  }

  #shed(): void {
    const excess = this.#samples.length + this.#records.length - this.#limit;
    if (excess <= 0) return;
    const samples = this.#takeSamples(excess);
    for (let left = excess - samples; left > 0; left -= 1) this.#dropRecord();
    this.#lost += excess;
  }

  #takeSamples(count: number): number {
    const { length } = this.#samples.splice(0, count);
    this.#released = Math.max(0, this.#released - length);
    return length;
  }

  #dropRecord(): void {
    const visit = this.#records.findIndex(({ kind }) => kind === 'visit');
    const [dropped] = this.#records.splice(Math.max(0, visit), 1);
    // The mark of a published record would never find a row. The broker has the record.
    const isPublished = dropped && this.#published.delete(idOf(dropped));
    if (isPublished) return;
    this.#lostRecords += 1;
    this.#allLostRecords += 1;
  }
}

import type { Receiver } from '../../core/sink.ts';
import { idOf, type Outbox, type OutboxCondition, type OutboxRecord } from '../../core/store.ts';

/** Records of a device that may wait at once. A device keeps more, on its disk. */
const maxWaiting = 10_000;

interface Entry {
  readonly record: OutboxRecord;
  readonly madeAt: number;
  isRepeat: boolean;
}

export interface MemoryOutboxDeps {
  /** Wall clock, ms. */
  readonly now: () => number;
  /** Whether this record is sent a second time, as by a device that has missed the acknowledgement. */
  readonly repeats: () => boolean;
  readonly onAcknowledged: (record: OutboxRecord, lagMs: number, isRepeat: boolean) => void;
}

/** The outbox of a simulated device: a record stays until the broker has acknowledged it. */
export class MemoryOutbox implements Outbox, Receiver {
  readonly name = 'outbox';
  readonly #deps: MemoryOutboxDeps;
  readonly #listeners = new Set<(record: OutboxRecord) => void>();
  #entries: Entry[] = [];
  #lost = 0;

  constructor(deps: MemoryOutboxDeps) {
    this.#deps = deps;
  }

  get condition(): OutboxCondition {
    const oldest = this.#entries[0]?.madeAt;
    return { waiting: this.#entries.length, lost: this.#lost, ...(oldest !== undefined && { oldestTs: oldest }) };
  }

  onVisit(visit: Extract<OutboxRecord, { kind: 'visit' }>['visit']): void {
    this.#add({ kind: 'visit', visit });
  }

  onMinute(minute: Extract<OutboxRecord, { kind: 'minute' }>['minute']): void {
    this.#add({ kind: 'minute', minute });
  }

  waiting(limit: number, kind?: OutboxRecord['kind']): readonly OutboxRecord[] {
    const entries = this.#entries.filter(({ record }) => kind === undefined || record.kind === kind);
    return entries.slice(0, limit).map(({ record }) => record);
  }

  markPublished(records: readonly OutboxRecord[]): void {
    const ids = new Set(records.map(idOf));
    const now = this.#deps.now();
    this.#entries = this.#entries.filter((entry) => {
      if (!ids.has(idOf(entry.record))) return true;
      const { record, madeAt, isRepeat } = entry;
      this.#deps.onAcknowledged(record, now - madeAt, isRepeat);
      entry.isRepeat = !isRepeat && this.#deps.repeats();
      return entry.isRepeat;
    });
  }

  subscribe(listener: (record: OutboxRecord) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #add(record: OutboxRecord): void {
    this.#entries.push({ record, madeAt: this.#deps.now(), isRepeat: false });
    if (this.#entries.length > maxWaiting) {
      // As on a device: visits first, because a minute sums them up.
      const oldestVisit = this.#entries.findIndex(({ record: { kind } }) => kind === 'visit');
      this.#entries.splice(Math.max(0, oldestVisit), 1);
      this.#lost += 1;
    }
    for (const listener of this.#listeners) listener(record);
  }
}

import type { Database } from 'better-sqlite3';
import type { OutboxRecord } from '../../../core/store.ts';
import type { Minute, Sample, Visit } from '../../../core/types.ts';
import type { OpenMinute } from '../rollup/open-minutes.ts';
import { noteMinuteBoot } from '../rollup/unrolled.ts';
import { toSampleColumns } from '../tables/columns.ts';
import { firstNumber, nextNumber } from '../tables/numbering.ts';
import { type Bound, createBound } from './bound.ts';
import { createMinutes } from './minutes.ts';
import { createStays, createVisitInsert } from './stays.ts';

/** Rows that are written in one transaction. */
export interface Batch {
  readonly samples: readonly Sample[];
  readonly visits: readonly Visit[];
  readonly minutes: readonly Minute[];
  /** Records that the broker has acknowledged. */
  readonly published: readonly PublishedRecord[];
  /** Stays in progress; they replace the stored ones. */
  readonly stays?: readonly Visit[];
  /** The minute in progress; it replaces the stored one. */
  readonly openMinute?: OpenMinute;
  /** Records that were dropped from memory since the last batch. */
  readonly lost?: number;
}

/** A record without its content. */
export interface PublishedRecord {
  readonly kind: OutboxRecord['kind'];
  readonly id: string;
}

export interface Writer {
  /** Writes all or nothing. An existing visit or minute is not changed. */
  write(batch: Batch): void;
  readonly bound: Bound;
}

export interface WriterOptions {
  readonly bootId: string;
  readonly now: () => number;
  readonly sampleMs: number;
  /** Maximum number of unpublished records (default: no limit). */
  readonly outboxLimit?: number;
  /** Number before the first row of a new database. */
  readonly firstNumber?: () => number;
}

/** Prepares the writes of an open database, and records the boot, which proves that the database can be written. */
export function createWriter(database: Database, boot: WriterOptions): Writer {
  const isNew = database.prepare('SELECT n FROM boots LIMIT 1').get() === undefined;
  database
    .prepare(
      `INSERT INTO boots (n, boot_id, started_at) VALUES (${nextNumber('boots', '?')}, ?, ?)
       ON CONFLICT (boot_id) DO UPDATE SET boot_id = boot_id`,
    )
    .run(isNew ? (boot.firstNumber?.() ?? 0) : 0, boot.bootId, boot.now());
  const bootNumber = database.prepare('SELECT n FROM boots WHERE boot_id = ?').pluck().get(boot.bootId) as number;

  const insertSample = database.prepare(
    `INSERT INTO samples (n, ts, boot, track, label, reason, probability, label_set, probabilities, happy_share, score, frames)
     VALUES (${nextNumber('samples', firstNumber)}, @ts, @boot, @track, @label, @reason, @probability, @labelSet, @probabilities, @happyShare, @score, @frames)`,
  );
  const insertVisit = createVisitInsert(database);
  const { stays, minutes } = database.transaction(() => {
    const parts = {
      stays: createStays(database, boot.bootId, insertVisit),
      minutes: createMinutes(database, boot.bootId),
    };
    noteMinuteBoot(database, { n: bootNumber, sampleMs: boot.sampleMs });
    return parts;
  })();
  const lastSample = database.prepare('SELECT coalesce(max(n), 0) FROM samples').pluck();
  const mark = (table: string) =>
    database.prepare(`UPDATE ${table} SET published_at = ? WHERE id = ? AND published_at IS NULL`);
  const markPublished = { visit: mark('visits'), minute: mark('minutes') };
  const labelSetOf = createLabelSets(database);

  const bound = createBound(database, boot.outboxLimit ?? Number.POSITIVE_INFINITY);

  const write = database.transaction((batch: Batch) => {
    const { samples, visits, published, stays: inProgress, openMinute } = batch;
    const afterSample = openMinute ? (lastSample.get() as number) : 0;
    for (const sample of samples) {
      const labelSet = labelSetOf(Object.keys(sample.probabilities));
      insertSample.run({ ...toSampleColumns(sample), boot: bootNumber, labelSet });
    }
    let added = 0;
    for (const visit of visits) {
      added += insertVisit(visit) ? 1 : 0;
      stays.end(visit);
    }
    for (const minute of batch.minutes) added += minutes.insert(minute) ? 1 : 0;
    let marked = 0;
    for (const { kind, id } of published) marked += markPublished[kind].run(boot.now(), id).changes;
    if (inProgress) stays.replace(inProgress);
    if (openMinute) minutes.setOpen(openMinute, afterSample);
    bound.apply({ added, published: marked, lost: batch.lost ?? 0 });
  });
  return {
    bound,
    write(batch) {
      write(batch);
      bound.commit();
    },
  };
}

function createLabelSets(database: Database): (labels: readonly string[]) => number {
  const insert = database.prepare(
    `INSERT INTO label_sets (n, labels) VALUES (${nextNumber('label_sets', firstNumber)}, ?) ON CONFLICT DO NOTHING`,
  );
  const select = database.prepare('SELECT n FROM label_sets WHERE labels = ?').pluck();
  return (labels) => {
    const text = JSON.stringify(labels);
    const known = select.get(text) as number | undefined;
    if (known !== undefined) return known;
    insert.run(text);
    return select.get(text) as number;
  };
}

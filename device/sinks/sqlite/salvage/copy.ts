import type { Database } from 'better-sqlite3';
import type { Visit } from '../../../core/types.ts';
import { createVisitInsert } from '../outbox/stays.ts';
import type { RawRow } from './leaf.ts';

/**
 * Puts salvaged rows into the new database, under their own numbers; one that is there already is left as it is, so that
 * a salvage that was broken off may begin anew.
 */
export interface Copy {
  boots(row: RawRow): void;
  labelSets(row: RawRow): void;
  visits(row: RawRow): void;
  samples(row: RawRow): void;
  /** A stay under way, as a visit that was cut; to be called after all visits. */
  stay(row: RawRow): void;
}

export function createCopy(database: Database, bootId: string): Copy {
  const insert = (table: string, columns: string) =>
    database.prepare(`INSERT OR IGNORE INTO ${table} (${columns}) VALUES (${columns.replaceAll(/\w+/g, '?')})`);
  const insertBoot = insert('boots', 'n, boot_id, started_at');
  const bootOf = database.prepare('SELECT n FROM boots WHERE boot_id = ?').pluck();
  const insertLabels = insert('label_sets', 'n, labels');
  const labelsOf = database.prepare('SELECT n FROM label_sets WHERE labels = ?').pluck();
  const insertVisit = insert(
    'visits',
    'n, id, boot_id, seq, track, started_at, ended_at, dwell_ms, dominant, shares, reasons, happy_share, strongest_label, strongest_probability, strongest_ts, confidence, frames, published_at, cut',
  );
  const markPublished = database.prepare('UPDATE visits SET published_at = ? WHERE id = ? AND published_at IS NULL');
  const insertSample = insert(
    'samples',
    'n, ts, boot, track, label, label_set, probabilities, score, frames, reason, probability, happy_share',
  );
  const numbers = { boots: new Map<number, number>(), labels: new Map<number, number>() };
  /** By how many there are; told by the visits where the list itself is lost. */
  const labelsByCount = new Map<number, string>();

  const addLabels = (n: number, labels: string) => {
    insertLabels.run(n, labels);
    numbers.labels.set(n, labelsOf.get(labels) as number);
    labelsByCount.set((JSON.parse(labels) as string[]).length, labels);
  };
  const addBoot = (n: number, name: string, startedAt: number) => {
    insertBoot.run(n, name, startedAt);
    numbers.boots.set(n, bootOf.get(name) as number);
  };

  return {
    boots: ({ n, values }) => addBoot(n, values[1] as string, values[2] as number),
    labelSets: ({ n, values }) => addLabels(n, values[1] as string),
    visits({ n, values }) {
      const [, id, ...rest] = values;
      insertVisit.run(n, id, ...rest, ...(values.length === 18 ? [null] : []));
      // An old copy of a page may come first.
      const publishedAt = values[17];
      if (publishedAt !== null) markPublished.run(publishedAt, id);
      const labels = Object.keys(JSON.parse(values[9] as string)).filter((label) => label !== 'uncertain');
      if (!labelsByCount.has(labels.length)) labelsByCount.set(labels.length, JSON.stringify(labels));
    },
    samples({ n, values }) {
      const [, ts, boot, track, label, labelSet, probabilities, score, frames, ...added] = values;
      const { length } = JSON.parse(probabilities as string) as number[];
      if (!numbers.labels.has(labelSet as number)) {
        const labels = labelsByCount.get(length);
        if (labels === undefined) return;
        addLabels(labelSet as number, labels);
      }
      if (!numbers.boots.has(boot as number)) addBoot(boot as number, `lost-${boot}`, ts as number);
      const [reason = null, probability = null, happyShare = null] = added;
      const [bootNumber, labelNumber] = [numbers.boots.get(boot as number), numbers.labels.get(labelSet as number)];
      insertSample.run(
        n,
        ts,
        bootNumber,
        track,
        label,
        labelNumber,
        probabilities,
        score,
        frames,
        reason,
        probability,
        happyShare,
      );
    },
    stay({ values }) {
      const visit = JSON.parse(values[1] as string) as Visit;
      if (visit.bootId === bootId || isThere(database, visit)) return;
      const last = database.prepare('SELECT max(seq) FROM visits WHERE boot_id = ?').pluck().get(visit.bootId);
      const seq = Math.max(visit.seq, ((last as number | null) ?? 0) + 1);
      createVisitInsert(database)({ ...visit, id: `${visit.bootId}-${seq}`, seq, cut: true });
    },
  };
}

function isThere(database: Database, { bootId, track, startedAt }: Visit): boolean {
  const find = database.prepare('SELECT 1 FROM visits WHERE boot_id = ? AND track = ? AND started_at = ?');
  return find.get(bootId, track, startedAt) !== undefined;
}

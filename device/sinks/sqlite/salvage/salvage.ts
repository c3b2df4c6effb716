import type { Database } from 'better-sqlite3';
import { createCopy } from './copy.ts';
import { createCopySums, type Range } from './copy-sums.ts';
import { type RawRow, rowsOfPage } from './leaf.ts';
import { Pages } from './pages.ts';
import { kindOf, type RowKind } from './rows.ts';

export interface SalvageCounts {
  readonly samples: number;
  readonly visits: number;
  readonly minutes: number;
}

/** Rows per transaction. Small, so that the daemon can write between two transactions. */
const rowsAtOnce = 100;
/** Pages read per step. */
const pagesAtOnce = 50;

/**
 * Copies the readable rows of a damaged database into another one, page by page: each page can be read without the others.
 * Visits come first, then samples, newest first. Each step takes some milliseconds.
 *
 * @returns the number of rows found
 */
export function* salvage(from: string, into: Database, bootId: string): Generator<undefined, SalvageCounts> {
  const pages = new Pages(from);
  const copy = createCopy(into, bootId);
  const sums = createCopySums(into, bootId);
  const write = into.transaction((rows: readonly RawRow[], put: (row: RawRow) => void) => rows.forEach(put));
  const putters: Partial<Record<RowKind, (row: RawRow) => void>> = {
    boots: copy.boots,
    label_sets: copy.labelSets,
    visits: copy.visits,
    minutes: sums.minutes,
    hours: sums.hours,
    unrolled: sums.unrolled,
  };
  try {
    const found = { samples: 0, visits: 0, minutes: 0 };
    const ranges: { samples?: Range; visits?: Range } = {};
    const inProgress: Record<'stays' | 'open_minutes', RawRow[]> = { stays: [], open_minutes: [] };
    const samplePages: { readonly page: number; readonly n: number }[] = [];
    const free = pages.free();
    for (let page = 1; page <= pages.count; page += 1) {
      if (page % pagesAtOnce === 0) yield;
      if (free.has(page)) continue;
      const rows = rowsOn(pages, page);
      const first = rows.find((row) => kindOf(row) !== undefined);
      const kind = first && kindOf(first);
      if (kind === 'samples') samplePages.push({ page, n: first!.n });
      else if (kind === 'stays' || kind === 'open_minutes') inProgress[kind].push(...ofKind(rows, kind));
      else if (kind) {
        const known = ofKind(rows, kind);
        write(known, putters[kind]!);
        if (kind === 'visits' || kind === 'minutes') found[kind] += known.length;
        if (kind === 'visits') ranges.visits = widened(ranges.visits, known);
        yield;
      }
    }
    write(inProgress.stays, copy.stay);
    write(inProgress.open_minutes, sums.openMinute);
    samplePages.sort((a, b) => b.n - a.n);
    for (const { page } of samplePages) {
      const rows = ofKind(rowsOn(pages, page), 'samples');
      for (let at = 0; at < rows.length; at += rowsAtOnce) {
        write(rows.slice(at, at + rowsAtOnce), copy.samples);
        yield;
      }
      found.samples += rows.length;
      ranges.samples = widened(ranges.samples, rows);
    }
    into.transaction(() => sums.finish({ samples: ranges.samples, visits: ranges.visits }))();
    return found;
  } finally {
    pages.close();
  }
}

function widened(range: Range | undefined, rows: readonly RawRow[]): Range | undefined {
  const numbers = rows.map(({ n }) => n);
  if (numbers.length === 0) return range;
  return {
    first: Math.min(range?.first ?? Number.POSITIVE_INFINITY, ...numbers),
    last: Math.max(range?.last ?? 0, ...numbers),
  };
}

function rowsOn(pages: Pages, number: number): readonly RawRow[] {
  const page = pages.read(number);
  return page ? rowsOfPage(page, number) : [];
}

function ofKind(rows: readonly RawRow[], kind: RowKind): readonly RawRow[] {
  return rows.filter((row) => kindOf(row) === kind);
}

function numbersOn(pages: Pages, page: number): readonly number[] {
  return rowsOn(pages, page)
    .filter((row) => kindOf(row) !== undefined)
    .map(({ n }) => n);
}

/** The highest row number on some pages of a database; it gives the generation of the rows. */
export function highestNumber(from: string): number {
  const pages = new Pages(from);
  try {
    const sample = Math.min(16, pages.count);
    const numbers = Array.from({ length: sample }, (_, index) => [index + 1, pages.count - index]).flat();
    return Math.max(0, ...numbers.flatMap((number) => numbersOn(pages, number)));
  } finally {
    pages.close();
  }
}

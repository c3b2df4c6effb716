import { createHash } from 'node:crypto';
import { projectionOf } from '../../contract/outside.ts';
import type { ReadPlans } from '../../contract/reads.ts';
import type { Cursor, History } from '../../core/store.ts';
import type { ReadPiece, RowsRead } from './query.ts';
import { keysInSlices, queryOfKeys } from './slices.ts';

/** Rows per piece of text: about 100 kB. */
const pieceRows = 500;

/**
 * A page of rows as JSON, newest first. It first finds the keys, which give the tag and the next page. Then it reads the rows
 * piece by piece as the client reads the answer, so that a slow client holds keys (16 bytes a row) and no rows.
 */
export function* rowsAsJson(
  history: History,
  query: RowsRead & { limit: number },
  plans: ReadPlans,
): Generator<ReadPiece> {
  const rowOutside = projectionOf(plans[query.table]);
  const found: Cursor[] = [];
  for (const keys of keysInSlices(history, { ...query, limit: query.limit + 1 })) {
    found.push(...keys);
    yield undefined;
  }
  const next = found.length > query.limit ? found[query.limit - 1] : undefined;
  const keys = found.slice(0, query.limit);
  const rowsOf = (some: readonly Cursor[]): readonly unknown[] =>
    some.length === 0
      ? []
      : history[query.table === 'samples' ? 'samples' : 'visits'](queryOfKeys(some, query.label)).rows.map(rowOutside);

  yield { tag: tagOf(keys, next, rowsOf(keys.slice(0, 1))) };
  yield opening(query, next, projectionOf(plans.page));
  for (let done = 0; done < keys.length; done += pieceRows) {
    const rows = rowsOf(keys.slice(done, done + pieceRows)).toReversed();
    if (rows.length > 0) yield (done === 0 ? '' : ',') + rows.map((row) => JSON.stringify(row)).join(',');
  }
  yield ']}';
}

function opening(
  { table, from, to, limit }: RowsRead,
  next: Cursor | undefined,
  outside: (page: unknown) => unknown,
): string {
  const head = { from, to, limit, truncated: next !== undefined, next: next && `${next.ts}-${next.n}` };
  return `${JSON.stringify(outside(head)).slice(0, -1)},"${table}":[`;
}

/** Logged rows never change, so their keys identify them. The newest row covers the format of a row, which an update may change. */
function tagOf(keys: readonly Cursor[], next: Cursor | undefined, shape: readonly unknown[]): string {
  const numbers = new Float64Array(keys.flatMap(({ ts, n }) => [ts, n]));
  return createHash('sha256')
    .update(new Uint8Array(numbers.buffer))
    .update(JSON.stringify([next, shape]))
    .digest('base64url')
    .slice(0, 27);
}

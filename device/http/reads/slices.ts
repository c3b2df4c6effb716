import type { Cursor, History, RowQuery } from '../../core/store.ts';
import type { RowsRead } from './query.ts';

/** Rows per read. */
const sliceRows = 500;
/** First and shortest span of a search for a label. Later spans grow or shrink until each takes about `sliceMs`. */
const minSpanMs = 3_600_000;
const sliceMs = 20;

/**
 * Keys of the newest rows of a range, newest first, in slices. Rows of a rare label are far apart, so the search runs over
 * spans of time: no statement takes long. A slice may be empty.
 */
export function* keysInSlices(
  history: Pick<History, 'keys'>,
  { table, from, to, label, before, limit = Number.POSITIVE_INFINITY }: RowsRead,
): Generator<readonly Cursor[]> {
  let spanMs = label === undefined ? Number.POSITIVE_INFINITY : minSpanMs;
  let end = before && before.ts < to ? before.ts + 1 : to;
  let last = before;
  for (let left = limit; left > 0; ) {
    const start = Math.max(from, end - spanMs);
    const startedAt = performance.now();
    const wanted = Math.min(sliceRows, left);
    const keys = history.keys(table, { from: start, to: end, label, before: last, limit: wanted });
    const tookMs = performance.now() - startedAt;
    if (tookMs < sliceMs / 2) spanMs *= 2;
    if (tookMs > sliceMs * 2) spanMs = Math.max(minSpanMs, spanMs / 2);
    left -= keys.length;
    yield keys;
    if (keys.length === wanted) {
      last = keys.at(-1)!;
      end = last.ts + 1;
    } else if (start <= from) return;
    else {
      end = start;
      last = undefined;
    }
  }
}

/** Query for exactly the rows of these keys, which are newest first and contiguous in the table. */
export function queryOfKeys(keys: readonly Cursor[], label: string | undefined): RowQuery {
  const newest = keys[0]!;
  const oldest = keys.at(-1)!;
  const before = { ts: newest.ts, n: newest.n + 1 };
  return { from: oldest.ts, to: newest.ts + 1, before, limit: keys.length, label };
}

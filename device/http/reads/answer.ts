import type { ReadPlans } from '../../contract/reads.ts';
import type { History } from '../../core/store.ts';
import { historyBuckets } from './history-buckets.ts';
import type { ReadPiece, ReadQuery } from './query.ts';
import { csvOfSamples, csvOfVisits } from './rows-csv.ts';
import { rowsAsJson } from './rows-json.ts';

/** The answer to a query in pieces: first the head, then text. Each step takes about 20 ms on a small board. */
export function* answerRead(history: History, query: ReadQuery, plans: ReadPlans): Generator<ReadPiece> {
  if (query.table === 'history') yield* historyBuckets(history, query, plans);
  else if (query.format === 'csv') {
    yield { tag: undefined };
    yield* query.table === 'samples' ? csvOfSamples(history, query) : csvOfVisits(history, query);
  } else yield* rowsAsJson(history, { ...query, limit: query.limit ?? Number.POSITIVE_INFINITY }, plans);
}

import type { ReadPlans } from '../../contract/reads.ts';
import type { History, OrderedLog } from '../../core/store.ts';
import { loadEncoder } from '../../export/formats.ts';
import { exportRows, type MakeEncoder } from '../../export/rows.ts';
import { historyBuckets } from './history-buckets.ts';
import type { ExportRead, ReadPiece, ReadQuery } from './query.ts';
import { csvOfSamples, csvOfVisits } from './rows-csv.ts';
import { rowsAsJson } from './rows-json.ts';

/** Makes the answer to a query in pieces: first the head, then text or bytes. */
export type Answerer = (log: History & OrderedLog) => Generator<ReadPiece>;

/** Prepares the answer to a query. Each step of the answer takes about 20 ms on a small board. */
export async function prepareAnswer(query: ReadQuery, plans: ReadPlans): Promise<Answerer> {
  if (query.table === 'export') {
    const makeEncoder = await loadEncoder(query.format);
    return (log) => exportAnswer(log, query, makeEncoder);
  }
  return (log) => answerRead(log, query, plans);
}

function* answerRead(history: History, query: Exclude<ReadQuery, ExportRead>, plans: ReadPlans): Generator<ReadPiece> {
  if (query.table === 'history') yield* historyBuckets(history, query, plans);
  else if (query.format === 'csv') {
    yield { tag: undefined };
    yield* query.table === 'samples' ? csvOfSamples(history, query) : csvOfVisits(history, query);
  } else yield* rowsAsJson(history, { ...query, limit: query.limit ?? Number.POSITIVE_INFINITY }, plans);
}

function* exportAnswer(log: OrderedLog, query: ExportRead, makeEncoder: MakeEncoder): Generator<ReadPiece> {
  yield { tag: undefined };
  const { rows: table, about } = query;
  yield* exportRows({ log, table, about }, makeEncoder);
}

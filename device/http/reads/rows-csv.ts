import { uncertainReasons } from '../../core/labels.ts';
import type { History } from '../../core/store.ts';
import type { Sample, Visit } from '../../core/types.ts';
import { csvLine } from '../../export/csv.ts';
import type { RowsRead } from './query.ts';
import { keysInSlices, queryOfKeys } from './slices.ts';

/** All samples of a range, or the newest `limit`, newest first. Rows are read as the client reads the answer. */
export function csvOfSamples(history: History, query: RowsRead): Generator<string | undefined> {
  let labels: string[] = [];
  return csvOf<Sample>(history, query, {
    read: (page) => history.samples(page).rows,
    head([newest]) {
      labels = Object.keys(newest?.probabilities ?? {});
      return ['time', 'track', 'label', 'reason', 'probability', 'happy_share', 'score', 'frames', ...labels];
    },
    line: ({ ts, track, label, reason, probability, happyShare, score, frames, probabilities }) => [
      new Date(ts).toISOString(),
      track,
      label,
      reason,
      probability,
      happyShare,
      score,
      frames,
      ...labels.map((name) => probabilities[name]),
    ],
  });
}

/** Same as `csvOfSamples`, for visits. */
export function csvOfVisits(history: History, query: RowsRead): Generator<string | undefined> {
  return csvOf<Visit>(history, query, {
    read: (page) => history.visits(page).rows,
    head: () => [
      'id',
      'start',
      'end',
      'dwell_ms',
      'dominant',
      'confidence',
      'happy_share',
      'frames',
      'strongest',
      'strongest_probability',
      ...uncertainReasons.map((reason) => `uncertain_${reason}`),
      'cut',
    ],
    line: ({ id, startedAt, endedAt, dwellMs, dominant, confidence, happyShare, frames, strongest, reasons, cut }) => [
      id,
      new Date(startedAt).toISOString(),
      new Date(endedAt).toISOString(),
      dwellMs,
      dominant,
      confidence,
      happyShare,
      frames,
      strongest?.label,
      strongest?.probability,
      ...uncertainReasons.map((reason) => reasons[reason]),
      cut,
    ],
  });
}

interface Table<Row> {
  readonly read: (page: ReturnType<typeof queryOfKeys>) => readonly Row[];
  readonly head: (newest: readonly Row[]) => readonly string[];
  readonly line: (row: Row) => readonly unknown[];
}

function* csvOf<Row>(
  history: History,
  query: RowsRead,
  { read, head, line }: Table<Row>,
): Generator<string | undefined> {
  let hasHead = false;
  for (const keys of keysInSlices(history, query)) {
    const newestFirst = keys.length === 0 ? [] : read(queryOfKeys(keys, query.label)).toReversed();
    if (newestFirst.length === 0) yield undefined;
    else {
      yield (hasHead ? '' : csvLine(head(newestFirst))) + newestFirst.map((row) => csvLine(line(row))).join('');
      hasHead = true;
    }
  }
  if (!hasHead) yield csvLine(head([]));
}

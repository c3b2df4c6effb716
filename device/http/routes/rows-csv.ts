import { setImmediate as turn } from 'node:timers/promises';
import { uncertainReasons } from '../../core/labels.ts';
import type { Cursor, History, RowQuery, Rows } from '../../core/store.ts';
import type { Sample, Visit } from '../../core/types.ts';
import { csvLine } from '../csv.ts';

/** Rows that are read at once. */
const pageRows = 1000;

/** All samples of a range, or the newest `limit`, newest first; read as the client takes them. */
export function csvOfSamples(history: History, query: RowQuery, limit: number | undefined): ReadableStream<Uint8Array> {
  let labels: string[] = [];
  return csvOf<Sample>({
    read: (page) => history.samples({ ...query, ...page }),
    limit,
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

/** As `csvOfSamples`, of visits. */
export function csvOfVisits(history: History, query: RowQuery, limit: number | undefined): ReadableStream<Uint8Array> {
  return csvOf<Visit>({
    read: (page) => history.visits({ ...query, ...page }),
    limit,
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
    ],
    line: ({ id, startedAt, endedAt, dwellMs, dominant, confidence, happyShare, frames, strongest, reasons }) => [
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
    ],
  });
}

interface Table<Row> {
  readonly read: (page: { limit: number; before?: Cursor }) => Rows<Row>;
  readonly limit: number | undefined;
  readonly head: (newest: readonly Row[]) => readonly string[];
  readonly line: (row: Row) => readonly unknown[];
}

function csvOf<Row>({ read, limit = Number.POSITIVE_INFINITY, head, line }: Table<Row>): ReadableStream<Uint8Array> {
  async function* lines(): AsyncGenerator<string> {
    let left = limit;
    let before: Cursor | undefined;
    for (let first = true; first || (before && left > 0); first = false) {
      const { rows, next } = read({ limit: Math.min(pageRows, left), ...(before && { before }) });
      const newestFirst = rows.toReversed();
      yield (first ? csvLine(head(newestFirst)) : '') + newestFirst.map((row) => csvLine(line(row))).join('');
      left -= rows.length;
      before = next;
      await turn();
    }
  }
  return ReadableStream.from(lines()).pipeThrough(new TextEncoderStream()) as ReadableStream<Uint8Array>;
}

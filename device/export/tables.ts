import type { ExportTable } from '../core/exports.ts';
import { uncertain, uncertainReasons } from '../core/labels.ts';
import type { LoggedRows } from '../core/store.ts';
import { type Column, column } from './columns.ts';

/** Columns of a table that exist once per label: `<prefix>_<label>`. */
interface LabelColumns<Row> {
  readonly prefix: string;
  readonly type: 'number' | 'integer';
  /** Values by label. */
  readonly of: (row: Row) => Readonly<Record<string, number>>;
  /** Value of a label that the row does not have. */
  readonly otherwise: 0 | null;
  /** Whether `uncertain` has a column too. */
  readonly withUncertain: boolean;
}

/** A table of the log as it is exported. Only the named columns leave the device. */
export interface TableOfLog<Row> {
  /** The columns between `device` and those of the labels; names as in the MQTT payloads. */
  readonly columns: readonly Column<Row>[];
  readonly perLabel: readonly LabelColumns<Row>[];
  /** Whether a row may have a label that no sample had. Then the rows are read twice. */
  readonly mayHaveNewLabels: boolean;
}

type Tables = { readonly [Table in ExportTable]: TableOfLog<LoggedRows[Table]> };

/** What minutes and hours sum up. */
type Sums = Omit<LoggedRows['hours'], 'start'>;

const sumColumns: readonly Column<Sums>[] = [
  column('duration_s', 'number', ({ durationMs }) => durationMs / 1000),
  column('people', 'integer', ({ people }) => people),
  column('visits_begun', 'integer', ({ visitsBegun }) => visitsBegun),
  column('visits_ended', 'integer', ({ visitsEnded }) => visitsEnded),
  column('dwell_ms', 'integer', ({ dwellMs }) => dwellMs),
  column('uncertain_s', 'number', ({ shownMs }) => (shownMs[uncertain] ?? 0) / 1000),
  column('watched_s', 'number', ({ watchedMs }) => watchedMs / 1000),
  column('blind_s', 'number', ({ blindMs }) => blindMs / 1000),
  column('paused_s', 'number', ({ pausedMs }) => pausedMs / 1000),
];

const sumsPerLabel: readonly LabelColumns<Sums>[] = [
  {
    prefix: 'seconds',
    type: 'number',
    of: ({ shownMs }) => mapped(shownMs, (ms) => ms / 1000),
    otherwise: 0,
    withUncertain: false,
  },
  {
    prefix: 'visits',
    type: 'integer',
    of: ({ ended }) => mapped(ended, ({ visits }) => visits),
    otherwise: 0,
    withUncertain: true,
  },
  {
    prefix: 'dwell_ms',
    type: 'integer',
    of: ({ ended }) => mapped(ended, ({ dwellMs }) => dwellMs),
    otherwise: 0,
    withUncertain: true,
  },
];

/** Every table that is exported. A new one is an entry here, in `core/exports.ts` and in `OrderedLog`. */
export const tables: Tables = {
  samples: {
    columns: [
      column('boot_id', 'text', ({ bootId }) => bootId),
      column('ts', 'time', ({ ts }) => ts),
      column('track', 'integer', ({ track }) => track),
      column('label', 'text', ({ label }) => label),
      column('reason', 'text', ({ reason }) => reason),
      column('probability', 'number', ({ probability }) => probability),
      column('happy_share', 'number', ({ happyShare }) => happyShare),
      column('score', 'number', ({ score }) => score),
      column('frames', 'integer', ({ frames }) => frames),
    ],
    perLabel: [
      {
        prefix: 'probability',
        type: 'number',
        of: ({ probabilities }) => probabilities,
        otherwise: null,
        withUncertain: false,
      },
    ],
    mayHaveNewLabels: false,
  },
  visits: {
    columns: [
      column('boot_id', 'text', ({ bootId }) => bootId),
      column('seq', 'integer', ({ seq }) => seq),
      column('id', 'text', ({ id }) => id),
      column('track', 'integer', ({ track }) => track),
      column('started_at', 'time', ({ startedAt }) => startedAt),
      column('ended_at', 'time', ({ endedAt }) => endedAt),
      column('dwell_ms', 'integer', ({ dwellMs }) => dwellMs),
      column('dominant', 'text', ({ dominant }) => dominant),
      column('confidence', 'number', ({ confidence }) => confidence),
      column('happy_share', 'number', ({ happyShare }) => happyShare),
      column('frames', 'integer', ({ frames }) => frames),
      column('strongest', 'text', ({ strongest }) => strongest?.label),
      column('strongest_probability', 'number', ({ strongest }) => strongest?.probability),
      column('strongest_ts', 'time', ({ strongest }) => strongest?.ts),
      column('cut', 'boolean', ({ cut }) => cut ?? false),
      ...uncertainReasons.map((reason) =>
        column<LoggedRows['visits']>(`reason_${reason}`, 'number', ({ reasons }) => reasons[reason] ?? 0),
      ),
    ],
    perLabel: [
      {
        prefix: 'share',
        type: 'number',
        of: ({ shares }) => ({ [uncertain]: 0, ...shares }),
        otherwise: null,
        withUncertain: true,
      },
    ],
    mayHaveNewLabels: true,
  },
  minutes: {
    columns: [
      column('boot_id', 'text', ({ bootId }) => bootId),
      column('seq', 'integer', ({ seq }) => seq),
      column('id', 'text', ({ id }) => id),
      column('start', 'time', ({ startedAt }) => startedAt),
      column('ts', 'time', ({ endedAt }) => endedAt),
      ...sumColumns,
      column('model', 'text', ({ model }) => model),
      column('config', 'text', ({ config }) => config),
      column('cut', 'boolean', ({ cut }) => cut ?? false),
    ],
    perLabel: sumsPerLabel,
    mayHaveNewLabels: true,
  },
  hours: {
    columns: [column('start', 'time', ({ start }) => start), ...sumColumns],
    perLabel: sumsPerLabel,
    mayHaveNewLabels: true,
  },
};

function mapped<Value>(values: Readonly<Record<string, Value>>, to: (value: Value) => number): Record<string, number> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, to(value)]));
}

import type { ExportTable } from '../core/exports.ts';
import { uncertain, uncertainReasons } from '../core/labels.ts';
import type { LoggedRows } from '../core/store.ts';
import { type Column, column } from './columns.ts';

/** A table of the log as it is exported. Only the named columns leave the device. */
export interface TableOfLog<Row> {
  /** The columns between `device` and those of the labels; names as in the MQTT payloads. */
  readonly columns: readonly Column<Row>[];
  readonly labelled: {
    /** A label's column is `<prefix>_<label>`. */
    readonly prefix: string;
    /** Values by label; a label without a value is null. */
    readonly of: (row: Row) => Readonly<Record<string, number>>;
    /** Columns that are there whatever the labels of the models are. */
    readonly always: readonly string[];
    /** Whether a row may have a label that no sample had, so that the rows are read twice. */
    readonly mayBeNew: boolean;
  };
}

type Tables = { readonly [Table in ExportTable]: TableOfLog<LoggedRows[Table]> };

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
    labelled: { prefix: 'probability', of: ({ probabilities }) => probabilities, always: [], mayBeNew: false },
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
    labelled: {
      prefix: 'share',
      of: ({ shares }) => ({ [uncertain]: 0, ...shares }),
      always: [uncertain],
      mayBeNew: true,
    },
  },
};

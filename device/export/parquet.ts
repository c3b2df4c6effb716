import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer';
import { type Column, timeText } from './columns.ts';
import { columnsVersion, type Encoder, type ExportAbout, type Piece } from './encoder.ts';

/** Rows of a row group: a group of samples is encoded in about 20 ms. */
const groupRows = 2000;
/** The footer describes every group and is held until the end. So the groups of a large file grow after this number. */
const shortGroups = 200;
const longGroupRows = 10_000;

const types = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
  integer: { type: 'INT64' },
  number: { type: 'DOUBLE' },
  boolean: { type: 'BOOLEAN' },
  time: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MILLIS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
  },
} as const satisfies Record<Column<never>['type'], Omit<SchemaElement, 'name'>>;

/** Parquet with Snappy. Rows are collected and leave as row groups; memory holds one group and the description of the others. */
export function parquetEncoder<Row>(columns: readonly Column<Row>[], about: ExportAbout): Encoder<Row> {
  const bytes = new Bytes();
  const file = new ParquetWriter({
    writer: bytes,
    schema: [
      { name: 'mien', num_children: columns.length },
      ...columns.map(({ name, type }): SchemaElement => ({ name, repetition_type: 'OPTIONAL', ...types[type] })),
    ],
    kvMetadata: metadataOf(about),
    createdBy: `mien version ${about.version}`,
  });
  let collected: Row[] = [];
  let groups = 0;

  const writeGroup = (): Piece => {
    const columnData = columns.map(({ name, type, of }) => ({
      name,
      data: collected.map((row) => storable(type, of(row))),
      offsetIndex: false,
      // A reader skips groups by their times only.
      statistics: type === 'time',
    }));
    void file.write({ columnData, rowGroupSize: collected.length });
    collected = [];
    groups += 1;
    return bytes.take();
  };

  return {
    begin: () => bytes.take(),
    add(rows) {
      collected.push(...rows);
      return collected.length >= (groups < shortGroups ? groupRows : longGroupRows) ? writeGroup() : '';
    },
    end() {
      if (collected.length > 0) {
        const last = writeGroup() as Uint8Array;
        void file.finish();
        return joined(last, bytes.take());
      }
      void file.finish();
      return bytes.take();
    },
  };
}

/** Integers and times are 64 bits wide. A value of another type, from a damaged row, is written as null. */
function storable(type: Column<never>['type'], value: unknown): string | number | bigint | boolean | null {
  if (type === 'text') return typeof value === 'string' ? value : null;
  if (type === 'boolean') return typeof value === 'boolean' ? value : null;
  if (typeof value !== 'number' || !Number.isFinite(value)) return null;
  return type === 'number' ? value : BigInt(Math.round(value));
}

function metadataOf({ table, device, version, madeAt, from, to }: ExportAbout) {
  const entries = {
    schema: String(columnsVersion),
    table,
    device,
    version,
    made_at: timeText(madeAt),
    from: timeText(from),
    to: timeText(to),
  };
  return Object.entries(entries).map(([key, value]) => ({ key: `mien.${key}`, value }));
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

/** Holds the bytes that were not taken yet; `offset` counts all bytes of the file. */
class Bytes extends ByteWriter {
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.getBytes().slice() as Uint8Array<ArrayBuffer>;
    this.index = 0;
    return taken;
  }
}

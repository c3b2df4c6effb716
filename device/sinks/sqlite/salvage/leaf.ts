/** A row as stored on a page. */
export interface RawRow {
  readonly n: number;
  readonly values: readonly (string | number | null)[];
}

const tableLeaf = 13;

/** The rows on a leaf page of a table; none on any other page. Invalid rows are left out. */
export function rowsOfPage(page: Buffer, number: number): readonly RawRow[] {
  const header = number === 1 ? 100 : 0;
  if (page[header] !== tableLeaf) return [];
  const cells = page.readUInt16BE(header + 3);
  const pointers = header + 8;
  if (pointers + cells * 2 > page.length) return [];
  return Array.from({ length: cells }, (_, cell) => readRow(page, page.readUInt16BE(pointers + cell * 2))).filter(
    (row) => row !== undefined,
  );
}

function readRow(page: Buffer, offset: number): RawRow | undefined {
  try {
    const length = varint(page, offset);
    const rowid = varint(page, length.end);
    // A longer row continues on other pages. Rows of the log never do.
    if (length.value > page.length - 35) return undefined;
    return { n: rowid.value, values: readRecord(page.subarray(rowid.end, rowid.end + length.value)) };
  } catch (error) {
    // A row that would reach beyond the page is not a row.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function readRecord(record: Buffer): RawRow['values'] {
  const { value: headerEnd, end } = varint(record, 0);
  const values: (string | number | null)[] = [];
  for (let at = end, body = headerEnd; at < headerEnd; ) {
    const type = varint(record, at);
    const { value, bytes } = readValue(record, body, type.value);
    values.push(value);
    at = type.end;
    body += bytes;
  }
  return values;
}

function readValue(record: Buffer, at: number, type: number): { value: string | number | null; bytes: number } {
  if (type === 0) return { value: null, bytes: 0 };
  if (type <= 4) return { value: record.readIntBE(at, type), bytes: type };
  if (type === 5) return { value: record.readIntBE(at, 6), bytes: 6 };
  if (type === 6) return { value: Number(record.readBigInt64BE(at)), bytes: 8 };
  if (type === 7) return { value: record.readDoubleBE(at), bytes: 8 };
  if (type === 8 || type === 9) return { value: type - 8, bytes: 0 };
  const bytes = Math.floor((type - 12) / 2);
  if (type < 13 || type % 2 === 0 || at + bytes > record.length) throw new RangeError('no text');
  return { value: record.toString('utf8', at, at + bytes), bytes };
}

/** SQLite's variable-length integers. Those of more than 7 bytes are refused: Mien never writes them. */
function varint(bytes: Buffer, offset: number): { value: number; end: number } {
  let value = 0;
  for (let at = offset; at < offset + 7; at += 1) {
    const byte = bytes.readUInt8(at);
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return { value, end: at + 1 };
  }
  throw new RangeError('too large');
}

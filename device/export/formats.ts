import type { ExportFormat } from '../core/exports.ts';
import { csvEncoder } from './csv.ts';
import { jsonlEncoder } from './jsonl.ts';
import type { MakeEncoder } from './rows.ts';

/** The encoder of a format. Parquet's library is loaded on demand: the reading thread starts often and rarely needs it. */
export async function loadEncoder(format: ExportFormat): Promise<MakeEncoder> {
  if (format === 'csv') return csvEncoder;
  if (format === 'jsonl') return jsonlEncoder;
  return (await import('./parquet.ts')).parquetEncoder;
}

/** Media types; Parquet's and JSON Lines' are the ones of their communities. */
export const mediaTypes: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8; header=present',
  jsonl: 'application/jsonl; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
};

/** Name of the file of an export, without folders: `mien-lobby-visits-20260131T000000Z-20260201T000000Z.parquet`. */
export function exportFileName(
  { device, table, from, to }: { device: string; table: string; from: number | undefined; to: number | undefined },
  format: string,
): string {
  const range = [from, to].flatMap((at) => (at === undefined ? [] : [compactTime(at)]));
  return `${['mien', device, table, ...range].join('-')}.${format}`;
}

/** `20260131T120000Z`: without characters that a file system refuses. */
function compactTime(ms: number): string {
  return new Date(ms).toISOString().replaceAll(/[-:]|\.\d+/g, '');
}

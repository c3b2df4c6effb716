import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { describe, expect, test, vi } from 'vitest';
import { type ExportTable, exportFormats, exportTables } from '../core/exports.ts';
import { packageRoot } from '../core/paths.ts';
import type { OrderedLog } from '../core/store.ts';
import type { Reading } from '../core/types.ts';
import { about, exported, metadataOfParquet, rowsOfFile } from '../lab/fixtures/exported.ts';
import { minute, reading, START, testStores, visit } from '../lab/fixtures/store.ts';
import { readStore, type SqliteSink } from '../sinks/sqlite/sqlite.ts';
import { sumColumns } from '../sinks/sqlite/tables/sums.ts';
import { loadEncoder } from './formats.ts';
import { exportRows } from './rows.ts';
import { tables } from './tables.ts';

const { build } = testStores();

/** A log with two models, a face without a label, a cut visit, and a label that a spreadsheet would calculate. */
async function filledLog(): Promise<{ sink: SqliteSink; file: string }> {
  const { sink, file } = build();
  await sink.start();
  sink.onReading?.(reading(0, 1, 2));
  sink.onReading?.(withFaces(reading(1000, 1), { label: 'uncertain', reason: 'dark', probability: undefined }));
  const other = { label: '=1+1', probability: 0.6, probabilities: { '=1+1': 0.6, happy: 0.4 } };
  sink.onReading?.(withFaces(reading(2000, 3), other));
  vi.advanceTimersByTime(4000);
  sink.onVisit?.(visit(1));
  const unnamed = {
    dominant: 'uncertain',
    shares: { angry: 0, happy: 0, sad: 0, uncertain: 1 },
    reasons: { small: 1 },
  };
  sink.onVisit?.(visit(2, { ...unnamed, happyShare: null, strongest: null, confidence: null, cut: true }));
  sink.onVisit?.(visit(3, { dominant: 'calm', shares: { calm: 1 } }));
  return { sink, file };
}

/** The labels of `filledLog`, and one of a minute. */
const namedLabels = ['angry', 'happy', 'sad', '=1+1', 'calm'];

function withFaces(base: Reading, change: object): Reading {
  return { ...base, faces: base.faces.map((face) => ({ ...face, ...change })) };
}

async function withLog<T>(file: string, use: (log: OrderedLog) => Promise<T>): Promise<T> {
  const log = readStore(file);
  try {
    return await use(log);
  } finally {
    log.close();
  }
}

/** The rows of each format, which must be equal. */
async function sameRows(file: string, table: ExportTable, range = {}) {
  return withLog(file, async (log) => {
    const [csv, jsonl, parquet] = await Promise.all(
      exportFormats.map(async (format) => rowsOfFile(await exported(log, table, format, range), format)),
    );
    expect(jsonl).toEqual(csv);
    expect(parquet).toEqual(csv);
    return csv!;
  });
}

describe('the rows of a file', () => {
  test('samples are the same in every format, with a column per label of every model', async () => {
    const { file } = await filledLog();
    const rows = await sameRows(file, 'samples');
    expect(rows).toHaveLength(4);
    expect(rows[0]).toEqual({
      device: 'lobby-1',
      boot_id: 'boot',
      ts: START,
      track: 1,
      label: 'happy',
      reason: null,
      probability: 0.7,
      happy_share: 1,
      score: 0.9,
      frames: 1,
      probability_angry: 0.1,
      probability_happy: 0.7,
      probability_sad: 0.2,
      'probability_=1+1': null,
    });
    expect(rows.map(({ ts }) => (ts as number) - START)).toEqual([0, 0, 1000, 2000]);
    expect(rows[2]).toMatchObject({ label: 'uncertain', reason: 'dark', probability: null });
    expect(rows[3]).toMatchObject({ label: '=1+1', probability_angry: null, 'probability_=1+1': 0.6 });
  });

  test('visits are the same in every format, also with a label that no sample had', async () => {
    const { file } = await filledLog();
    const rows = await sameRows(file, 'visits');
    expect(rows[0]).toEqual({
      device: 'lobby-1',
      boot_id: 'boot',
      seq: 1,
      id: 'boot-1',
      track: 1,
      started_at: START + 1000,
      ended_at: START + 1900,
      dwell_ms: 900,
      dominant: 'happy',
      confidence: 0.8,
      happy_share: 0.75,
      frames: 27,
      strongest: 'happy',
      strongest_probability: 0.97,
      strongest_ts: START + 1005,
      cut: false,
      reason_small: 0,
      reason_turned: 0,
      reason_dark: 0,
      reason_blurred: 0,
      reason_covered: 0,
      reason_ambiguous: 0,
      share_angry: 0,
      share_happy: 0.75,
      share_sad: 0.25,
      'share_=1+1': null,
      share_calm: null,
      share_uncertain: 0,
    });
    expect(rows[1]).toMatchObject({
      cut: true,
      strongest: null,
      confidence: null,
      reason_small: 1,
      share_uncertain: 1,
    });
    expect(rows[2]).toMatchObject({ dominant: 'calm', share_calm: 1, share_happy: null });
  });

  test('minutes are the same in every format; a label that was not shown has 0', async () => {
    const { sink, file } = await filledLog();
    sink.onMinute?.(minute(1, { shownMs: { happy: 1500, uncertain: 250 } }));
    sink.onMinute?.(minute(2, { shownMs: { calm: 500 }, ended: { uncertain: { visits: 1, dwellMs: 7 } }, cut: true }));
    const none = (prefix: string, labels: readonly string[]) =>
      Object.fromEntries(labels.map((label) => [`${prefix}_${label}`, 0]));
    const rows = await sameRows(file, 'minutes');
    expect(rows[0]).toEqual({
      device: 'lobby-1',
      boot_id: 'boot',
      seq: 1,
      id: 'boot-m1',
      start: START + 60_000,
      ts: START + 120_000,
      duration_s: 60,
      people: 2,
      visits_begun: 1,
      visits_ended: 1,
      dwell_ms: 900,
      uncertain_s: 0.25,
      watched_s: 50,
      blind_s: 10,
      paused_s: 0,
      model: 'net@1a2b3c4d',
      config: '0a1b2c3d',
      cut: false,
      ...none('seconds', namedLabels),
      seconds_happy: 1.5,
      ...none('visits', [...namedLabels, 'uncertain']),
      visits_happy: 1,
      ...none('dwell_ms', [...namedLabels, 'uncertain']),
      dwell_ms_happy: 900,
    });
    expect(rows[1]).toMatchObject({ cut: true, seconds_calm: 0.5, visits_uncertain: 1, dwell_ms_uncertain: 7 });
  });

  test('hours are the same in every format, also two records of one hour', async () => {
    const { file } = await filledLog();
    const database = new Sqlite(file);
    const insert = database.prepare(
      `INSERT INTO hours (start, first_minute, last_minute, ${sumColumns}) VALUES (?, 1, 2, 90000, 3, 1, 1, 900, ?, ?, 60000, 20000, 10000)`,
    );
    for (const shown of ['{"happy":1500,"uncertain":500}', '{"sad":250}'])
      insert.run(START, '{"sad":{"visits":1,"dwellMs":900}}', shown);
    database.close();
    const rows = await sameRows(file, 'hours');
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatchObject({ device: 'lobby-1', start: START, duration_s: 90, people: 3, dwell_ms: 900 });
    expect(rows[0]).toMatchObject({ uncertain_s: 0.5, watched_s: 60, blind_s: 20, paused_s: 10 });
    expect(rows[0]).toMatchObject({ seconds_happy: 1.5, seconds_sad: 0, visits_sad: 1, dwell_ms_sad: 900 });
    expect(rows[1]).toMatchObject({ start: START, seconds_happy: 0, seconds_sad: 0.25 });
    expect(rows[0]).not.toHaveProperty('boot_id');
  });

  test('a range is half open', async () => {
    const { file } = await filledLog();
    expect(await sameRows(file, 'samples', { from: START + 1000, to: START + 2000 })).toMatchObject([{ track: 1 }]);
    expect(await sameRows(file, 'visits', { from: START + 2000, to: START + 3000 })).toMatchObject([{ seq: 2 }]);
  });

  test.each(exportTables)('%s without rows: every format is a complete file', async (table) => {
    const { file } = await filledLog();
    expect(await sameRows(file, table, { to: 1 })).toEqual([]);
    await withLog(file, async (log) => {
      expect((await exported(log, table, 'csv', { to: 1 })).toString()).toMatch(/^device,.*\r\n$/);
      const { schema, num_rows } = metadataOfParquet(await exported(log, table, 'parquet', { to: 1 }));
      expect(num_rows).toBe(0n);
      expect(schema.length).toBeGreaterThan(10);
    });
  });
});

test('a text that a spreadsheet would calculate stays a text in CSV and is unchanged in the other formats', async () => {
  const { file } = await filledLog();
  await withLog(file, async (log) => {
    expect((await exported(log, 'samples', 'csv')).toString()).toContain(",3,'=1+1,");
    expect((await exported(log, 'samples', 'jsonl')).toString()).toContain('"label":"=1+1"');
  });
});

test('Parquet says what it holds: times in UTC, and the device, table and range of the file', async () => {
  const { file } = await filledLog();
  const metadata = await withLog(file, async (log) => metadataOfParquet(await exported(log, 'visits', 'parquet')));
  const entries = metadata.key_value_metadata!.map(({ key, value }) => [key, value]);
  expect(Object.fromEntries(entries)).toEqual({
    'mien.schema': '1',
    'mien.table': 'visits',
    'mien.device': about.device,
    'mien.version': about.version,
    'mien.made_at': '2023-11-14T22:15:00.000Z',
    'mien.from': '1970-01-01T00:00:00.000Z',
    'mien.to': '2027-01-15T08:00:00.000Z',
  });
  expect(metadata.schema.find(({ name }) => name === 'started_at')).toMatchObject({
    type: 'INT64',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
  });
});

describe('with many rows', () => {
  test.each(exportFormats)('%s leaves in pieces that hold a part of the rows', async (format) => {
    const { sink, file } = build();
    await sink.start();
    for (let seq = 1; seq <= 5000; seq += 1) sink.onVisit?.(visit(seq));
    vi.advanceTimersByTime(2000);
    await withLog(file, async (log) => {
      const makeEncoder = await loadEncoder(format);
      const pieces = [...exportRows({ log, table: 'visits', about }, makeEncoder)].flatMap((piece) => piece ?? []);
      const sizes = pieces.map((piece) => piece.length);
      const whole = sizes.reduce((sum, size) => sum + size, 0);
      expect(Math.max(...sizes)).toBeLessThan(whole * 0.6);
      const rows = await rowsOfFile(await exported(log, 'visits', format), format);
      expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: 5000 }, (_, index) => index + 1));
    });
  });

  test('rows that are written meanwhile neither repeat nor remove others', async () => {
    const { sink, file } = build();
    await sink.start();
    for (let seq = 1; seq <= 1200; seq += 1) sink.onVisit?.(visit(seq, { startedAt: START + Math.floor(seq / 3) }));
    await withLog(file, async (log) => {
      const rows: string[] = [];
      let more = 1200;
      for (const piece of exportRows({ log, table: 'visits', about }, await loadEncoder('jsonl'))) {
        rows.push(
          ...String(piece ?? '')
            .split('\n')
            .filter(Boolean),
        );
        more += 1;
        sink.onVisit?.(visit(more, { startedAt: START + 10_000 }));
      }
      const seqs = rows.map((line) => JSON.parse(line).seq);
      expect(new Set(seqs).size).toBe(seqs.length);
      expect(seqs.slice(0, 1200)).toEqual(Array.from({ length: 1200 }, (_, index) => index + 1));
      expect(seqs.length).toBeGreaterThan(1200);
    });
  });
});

test('the page of the exports describes every column', () => {
  const text = readFileSync(join(packageRoot, 'device', 'export', 'README.md'), 'utf8');
  for (const [table, { columns, perLabel }] of Object.entries(tables)) {
    const section = text.split(/^## /m).find((each) => each.startsWith(`\`${table}\``)) ?? '';
    const described = [...section.matchAll(/^\| `([a-z_<>]+)` +\| (\w+)/gm)].map(([, name, type]) => `${name} ${type}`);
    const fixed = columns.map(({ name, type }) => `${name.replace(/^reason_.+/, 'reason_<reason>')} ${type}`);
    const labels = perLabel.map(({ prefix, type }) => `${prefix}_<label> ${type}`);
    expect(described).toEqual([...new Set(['device text', ...fixed, ...labels])]);
  }
});

import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { configSchema } from '../config/schema.ts';
import type { AuditRecord } from '../core/control.ts';
import { exitCode, MienError } from '../core/errors.ts';
import { exportFormats, exportTables } from '../core/exports.ts';
import type { Sample } from '../core/types.ts';
import { rowsOfFile } from '../lab/fixtures/exported.ts';
import { eventually, FakeClock, fixture, json, silentLog } from '../lab/fixtures/http-fixture.ts';
import { visit } from '../lab/fixtures/store.ts';
import { serveApp } from './server/serve.ts';

const token = 'operator-token-of-at-least-32-characters';
const viewerToken = 'viewer-token-of-thirty-two-letters-x';
const config = configSchema.parse({ device: { name: 'lobby-1' }, http: { token, viewerToken } });

/** An app with two samples and a visit, a request of an operator, and the audit records. */
function exporting(change: Parameters<typeof fixture>[0] = {}) {
  const records: AuditRecord[] = [];
  const clock = new FakeClock();
  const made = fixture({ config, clock, audit: (record) => records.push(record), ...change });
  made.samples.push(sample(clock.time - 5000), sample(clock.time));
  made.visits.push(visit(1));
  const ask = (path: string, init: RequestInit = {}) =>
    made.app.request(`/api/v1${path}`, { ...init, headers: { authorization: `Bearer ${token}` } });
  return { ...made, ask, records, clock };
}

function sample(ts: number): Sample {
  const probabilities = { happy: 0.9, sad: 0.1 };
  return { ts, track: 1, label: 'happy', probability: 0.9, probabilities, happyShare: 1, score: 0.8, frames: 30 };
}

describe('an export', () => {
  test.each(exportFormats)('as %s is a file with the name of the device, the table and the range', async (format) => {
    const { ask, clock } = exporting();
    const from = Date.parse('2023-11-14T22:13:17Z');
    const response = await ask(`/export/samples?format=${format}&from=${from}`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-disposition')).toBe(
      `attachment; filename="mien-lobby-1-samples-20231114T221317Z.${format}"`,
    );
    expect(response.headers.get('cache-control')).toBe('no-store');
    const rows = await rowsOfFile(Buffer.from(await response.arrayBuffer()), format);
    expect(rows).toMatchObject([{ device: 'lobby-1', boot_id: 'boot-1', ts: clock.time, probability_sad: 0.1 }]);
  });

  test('without a range has all rows up to now, oldest first, as CSV', async () => {
    const { ask, clock } = exporting();
    const response = await ask('/export/samples');
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    const rows = await rowsOfFile(Buffer.from(await response.text()), 'csv');
    expect(rows.map(({ ts }) => ts)).toEqual([clock.time - 5000, clock.time]);
  });

  test.each([
    ['format=xlsx', 'format', 'one of csv, jsonl, parquet'],
    ['from=yesterday', 'from', 'milliseconds since 1970, or a time such as 2026-01-31T12:00:00Z'],
    ['from=2&to=1', 'from', 'a time before to'],
    ['minutes=5', 'minutes', 'one of format, from, to'],
  ])('with %s is refused with the expected value', async (query, path, expected) => {
    const { ask } = exporting();
    const response = await ask(`/export/visits?${query}`);
    expect(response.status).toBe(400);
    expect((await json(response)).errors).toEqual([{ path, value: expect.any(String), expected }]);
  });

  test('a table that is not exported is not found', async () => {
    expect((await exporting().ask('/export/stays')).status).toBe(404);
  });

  test('leaves an audit record with its range and size', async () => {
    const { ask, records, clock } = exporting();
    const { length } = await (await ask('/export/visits?format=jsonl')).text();
    expect(records).toEqual([
      {
        ts: clock.time,
        actor: { source: 'http', principal: 'token' },
        action: 'export',
        outcome: 'done',
        details: { table: 'visits', format: 'jsonl', from: 0, to: clock.time + 1, bytes: length },
      },
    ]);
  });

  test('HEAD opens nothing', async () => {
    const { ask, records } = exporting();
    const response = await ask('/export/visits', { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-disposition')).toContain('visits.csv');
    expect(records).toEqual([]);
  });

  test('two run at a time; a client that leaves makes room, and the record says so', async () => {
    const { ask, records } = exporting();
    const [first] = await Promise.all([ask('/export/visits'), ask('/export/samples')]);
    const refused = await ask('/export/visits');
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('10');
    expect(await refused.json()).toMatchObject({
      title: 'Busy',
      detail: 'Expected at most 2 export at a time, got another one',
      remedy: 'Try again when the running one has ended.',
    });
    await first!.body!.cancel();
    expect(records).toMatchObject([{ action: 'export', outcome: 'failed', reason: 'The client left before the end' }]);
    expect((await ask('/export/visits')).status).toBe(200);
  });

  test('that its client does not read ends after 30 s', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const { ask, records } = exporting();
      const response = await ask('/export/visits');
      vi.advanceTimersByTime(30_000);
      expect(records).toMatchObject([{ outcome: 'failed' }]);
      await expect(response.text()).rejects.toThrow('the answer was dropped');
    } finally {
      vi.useRealTimers();
    }
  });

  test('of a huge range is made as the client reads it, and ends when the client leaves', async () => {
    let made = 0;
    let isClosed = false;
    const endless = {
      tag: undefined,
      next: async () => {
        made += 1;
        return new Uint8Array(100_000);
      },
      close: () => {
        isClosed = true;
      },
    };
    const { app, records } = exporting({ reads: { open: async () => endless } });
    const server = await serveApp(app, { host: '127.0.0.1', port: 0, log: silentLog });
    try {
      const headers = { authorization: `Bearer ${token}` };
      const request = get(`http://127.0.0.1:${server.port}/api/v1/export/samples`, { headers });
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      await once(response, 'readable');
      // The buffers of both sockets fill; then nothing more is made.
      let before = -1;
      while (made !== before) {
        before = made;
        await pause(200);
      }
      expect(made).toBeLessThan(200);
      response.on('error', () => undefined);
      request.destroy();
      await eventually(() => isClosed, 'the read is closed');
      expect(records).toMatchObject([{ outcome: 'failed', reason: 'The client left before the end' }]);
    } finally {
      await server.stop();
    }
  });

  test('of a log that cannot be read says why', async () => {
    const reads = {
      open: () => Promise.reject(new MienError('no log', { code: exitCode.cannotWrite, remedy: 'Wait.' })),
    };
    const { ask, records } = exporting({ reads });
    const response = await ask('/export/visits');
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ detail: 'no log', remedy: 'Wait.' });
    expect(records).toMatchObject([{ action: 'export', outcome: 'failed', reason: 'no log. Wait.' }]);
  });
});

describe('a backup', () => {
  const pieces = () => [Buffer.from('SQLite'), Buffer.from(' format 3')];
  const backupOf = (left = pieces()) => ({
    size: 15,
    next: async () => (left.length > 0 ? new Uint8Array(left.shift()!) : undefined),
    close: () => undefined,
  });

  test('is a file with its size, and leaves an audit record', async () => {
    const { ask, records } = exporting({ backups: { make: async () => backupOf() } });
    const response = await ask('/backup');
    expect(response.headers.get('content-disposition')).toBe(
      'attachment; filename="mien-lobby-1-backup-20231114T221320Z.db"',
    );
    expect(response.headers.get('content-length')).toBe('15');
    expect(await response.text()).toBe('SQLite format 3');
    expect(records).toMatchObject([{ action: 'backup', outcome: 'done', details: { bytes: 15 } }]);
  });

  test('one runs at a time', async () => {
    const { ask } = exporting({ backups: { make: async () => backupOf() } });
    const first = await ask('/backup');
    expect((await ask('/backup')).status).toBe(503);
    await first.text();
    expect((await ask('/backup')).status).toBe(200);
  });

  test('without space is 503 with the remedy', async () => {
    const fault = new MienError('A copy of the database needs 2 MB free', {
      code: exitCode.cannotWrite,
      remedy: 'Free some.',
    });
    const { ask } = exporting({ backups: { make: () => Promise.reject(fault) } });
    const response = await ask('/backup');
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ detail: fault.message, remedy: 'Free some.' });
  });

  test('HEAD copies nothing', async () => {
    const make = vi.fn();
    expect((await exporting({ backups: { make } }).ask('/backup', { method: 'HEAD' })).status).toBe(200);
    expect(make).not.toHaveBeenCalled();
  });
});

test.each([...exportTables.map((table) => `/api/v1/export/${table}`), '/api/v1/backup'])(
  '%s is for operators: 401 without a login, also at the device, and 403 for a viewer',
  async (path) => {
    const { app, records } = exporting();
    expect((await app.request(path)).status).toBe(401);
    const asViewer = await app.request(path, { headers: { authorization: `Bearer ${viewerToken}` } });
    expect(asViewer.status).toBe(403);
    expect(await asViewer.json()).toMatchObject({ detail: 'Expected an operator, got a viewer' });
    expect(records).toEqual([]);
  },
);

import { createRoute, type z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { LiveConfig } from '../../config/live.ts';
import type { Clock } from '../../core/clock.ts';
import type { Audit } from '../../core/control.ts';
import { type ExportTable, exportTables } from '../../core/exports.ts';
import type { StateBoard } from '../../core/state.ts';
import { exportFileName, mediaTypes } from '../../export/formats.ts';
import type { Backups } from '../../sinks/sqlite/backup/backups.ts';
import { actorOf } from '../auth/actor.ts';
import { bodyOf, type Reads } from '../reads/reads.ts';
import { openWithReason } from '../reads/reason.ts';
import { Transfers } from '../reads/transfers.ts';
import { exportQuery } from '../schemas/history.ts';
import { queryOf } from '../schemas/query.ts';
import type { RouteGroup } from './context.ts';
import { groupOf, neverStored, problems } from './route.ts';

export interface ExportNeeds {
  readonly board: StateBoard;
  readonly clock: Clock;
  readonly reads: Reads;
  readonly backups: Pick<Backups, 'make'>;
  readonly audit: Audit;
  readonly settings: LiveConfig;
  readonly version: string;
}

const binary = { schema: { type: 'string', format: 'binary' } as const };
const text = { schema: { type: 'string' } as const };
const sqliteType = 'application/vnd.sqlite3';

/** Copies of the log that leave the device: its tables as files, and the whole database. For operators only. */
export const exportRoutes: RouteGroup<ExportNeeds> = (app, needs) => {
  const { board, clock, reads, backups, settings, version } = needs;
  const shared = { ...groupOf('Log', 'operator'), method: 'get' as const };
  const transfers = new Transfers(needs);

  const exported = async (c: Context, table: ExportTable, query: z.output<typeof exportQuery>) => {
    const { format = 'csv', from, to } = query;
    const device = settings.current.device.name;
    const headers = downloadHeaders(mediaTypes[format], exportFileName({ device, table, from, to }, format));
    if (c.req.raw.method === 'HEAD') return c.body(null, 200, headers) as never;
    const now = clock.now();
    // One ms past now: the end is exclusive.
    const about = { device, version, madeAt: now, from: from ?? 0, to: to ?? now + 1 };
    const details = { table, format, from: about.from, to: about.to };
    const read = await transfers.open({ action: 'export', actor: actorOf(c), details }, () =>
      openWithReason(reads, { table: 'export', rows: table, format, about }, board),
    );
    return c.body(bodyOf(read), 200, headers) as never;
  };

  for (const table of exportTables) {
    app.openapi(
      createRoute({
        ...shared,
        path: `/api/v1/export/${table}`,
        operationId: `export${table[0]!.toUpperCase()}${table.slice(1)}`,
        summary: `Export of ${table}`,
        description:
          'A file with all rows of the range, oldest first. Its columns have stable names and types and include the device and the boot. Two exports run at a time at most.',
        request: { query: exportQuery },
        responses: {
          200: {
            description: 'The file',
            content: { 'text/csv': text, 'application/jsonl': text, 'application/vnd.apache.parquet': binary },
          },
          ...problems(400, 503),
        },
      }),
      (c) => exported(c, table, c.req.valid('query')),
    );
  }

  app.openapi(
    createRoute({
      ...shared,
      path: '/api/v1/backup',
      operationId: 'getBackup',
      summary: 'Backup of the database',
      description:
        'The whole log as an SQLite database, in the state of one moment. The device first copies it, which needs as much free space as the database has and may take minutes. One backup runs at a time.',
      request: { query: queryOf({}) },
      responses: { 200: { description: 'The database', content: { [sqliteType]: binary } }, ...problems(400, 503) },
    }),
    async (c) => {
      const device = settings.current.device.name;
      const name = exportFileName({ device, table: 'backup', from: clock.now(), to: undefined }, 'db');
      const headers = downloadHeaders(sqliteType, name);
      if (c.req.raw.method === 'HEAD') return c.body(null, 200, headers) as never;
      const request = { action: 'backup', actor: actorOf(c) } as const;
      const backup = await transfers.open(request, () => backups.make(c.req.raw.signal));
      return c.body(bodyOf(backup), 200, { ...headers, 'Content-Length': String(backup.size) }) as never;
    },
  );
};

function downloadHeaders(type: string, name: string): Record<string, string> {
  return { 'Content-Type': type, 'Content-Disposition': `attachment; filename="${name}"`, ...neverStored };
}

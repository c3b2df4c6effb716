import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import Sqlite from 'better-sqlite3';
import { giveToOwnerOf } from '../../core/folder.ts';
import { runPatiently } from '../../core/run-program.ts';
import { copiesBeforeUpdates, copyBeforeUpdate } from '../../sinks/sqlite/backup/before-update.ts';
import { restoreDatabase } from '../../sinks/sqlite/backup/restore.ts';
import { formatOf, versionOf } from '../../sinks/sqlite/tables/schema.ts';
import type { Host } from '../host/host.ts';
import type { Releases } from '../host/releases.ts';

/** The schema that a release knows, see `sinks/sqlite/tables/schema.ts`. */
export interface Schema {
  /** It reads and writes databases of this format and older ones. */
  readonly format: number;
  readonly version: number;
}

const askLimits = { idleMs: 30_000, totalMs: 120_000 };

/** Asks a release, with its own Node. @returns undefined if it does not tell */
export async function schemaOf(releases: Releases, version: string): Promise<Schema | undefined> {
  const folder = releases.folder(version);
  const module = pathToFileURL(join(folder, 'device/dist/sinks/sqlite/tables/schema.js')).href;
  const script = `import * as schema from ${JSON.stringify(module)};
    console.log(schema.formatVersion + ' ' + schema.schemaVersion);`;
  const { stdout } = await runPatiently(join(folder, 'bin/node'), ['--input-type=module', '--eval', script], askLimits);
  const [, format, all] = /^(\d+) (\d+)$/.exec(stdout.trim()) ?? [];
  return format === undefined ? undefined : { format: Number(format), version: Number(all) };
}

/** The schema of a database. @returns undefined if there is none, or if it cannot be read */
export function schemaOfDatabase(file: string): Schema | undefined {
  if (!existsSync(file)) return undefined;
  try {
    const database = new Sqlite(file, { readonly: true, timeout: 1000 });
    try {
      return { format: formatOf(database), version: versionOf(database) };
    } finally {
      database.close();
    }
  } catch {
    // A damaged database is mended by the daemon.
    return undefined;
  }
}

/**
 * Copies the database before a release that changes its format, so that the release before it still has one that it reads. The
 * daemon makes the same copy at its first start; this one exists even if that start goes wrong. The daemon must not run.
 *
 * @returns whether a copy was made
 */
export async function copyIfFormatChanges(file: string, next: Schema | undefined, entry?: URL): Promise<boolean> {
  const now = schemaOfDatabase(file);
  if (now === undefined || (next !== undefined && next.format <= now.format)) return false;
  const path = await copyBeforeUpdate(file, { version: now.version, signal: new AbortController().signal, entry });
  giveToOwnerOf(file, path);
  return true;
}

/** Where a release cannot read the database: the newest copy that it can read. */
export type DatabaseFit = { readonly fits: true } | { readonly fits: false; readonly copy: string | undefined };

/** Whether a release reads the database. @param known what it reads; undefined counts as everything */
export function fitOf(file: string, known: Schema | undefined): DatabaseFit {
  const now = schemaOfDatabase(file);
  if (now === undefined || known === undefined || now.format <= known.format) return { fits: true };
  const copies = copiesBeforeUpdates(file).map(({ path }) => path);
  return { fits: false, copy: copies.find((path) => (schemaOfDatabase(path)?.format ?? Infinity) <= known.format) };
}

/** Puts back a copy that a release can read, if the database is newer than that. The daemon must not run. */
export async function restoreIfNewer(host: Host, file: string, known: Schema | undefined): Promise<void> {
  const fit = fitOf(file, known);
  if (fit.fits) return;
  if (fit.copy === undefined) {
    host.say(`${file} is newer than this release, and there is no copy that it reads: its log does not work`);
    return;
  }
  const kept = await restoreDatabase(fit.copy, file, Date.now());
  host.say(`The database is the copy ${fit.copy}; the newer one is kept as ${kept}`);
}

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { exitCode } from '../core/errors.ts';
import { rowsOfFile } from '../lab/fixtures/exported.ts';
import { Mien } from '../lab/fixtures/mien.ts';
import { TestFolder } from '../lab/fixtures/scratch.ts';
import { visit } from '../lab/fixtures/store.ts';
import { openDatabase } from '../sinks/sqlite/opening/database.ts';
import { createWriter } from '../sinks/sqlite/outbox/writer.ts';

const folder = new TestFolder();
const noRows = { samples: [], visits: [], minutes: [], published: [] };
let daemon: Database;

/** The data folder of a daemon that has the database open. */
beforeEach(() => {
  daemon = openDatabase(join(folder.path, 'mien.db'));
  const writer = createWriter(daemon, { bootId: 'boot', now: () => 0, sampleMs: 1000 });
  writer.write({ ...noRows, visits: [1, 2, 3].map((seq) => visit(seq)) });
});
afterEach(() => {
  daemon.close();
});

const at = (name: string) => join(folder.path, name);
const parts = () => readdirSync(folder.path).filter((name) => name.endsWith('.part'));

const run = (...args: string[]) => start(...args).exited;

function start(...args: string[]): Mien {
  return new Mien([...args, '--set', `dataDir=${folder.path}`, '--set', 'device.name=lobby-1']);
}

/** The exit code and the only line of stderr. */
async function fault(...args: string[]) {
  const mien = start(...args);
  const code = await mien.exited;
  expect(mien.stdout).toBe('');
  return { code, line: mien.stderr.trimEnd().split('\n').at(-1) };
}

describe('mien export', () => {
  test('writes a table to standard output, beside a running daemon, without progress in a pipe', async () => {
    const mien = start('export', 'visits');
    expect(await mien.exited).toBe(0);
    expect(mien.stderr).toBe('');
    const rows = await rowsOfFile(Buffer.from(mien.stdout), 'csv');
    expect(rows).toMatchObject(
      [1, 2, 3].map((seq) => ({ device: 'lobby-1', boot_id: 'boot', seq, dominant: 'happy' })),
    );
  });

  test('writes a range as Parquet into a file; an existing file needs --force', async () => {
    const to = at('visits.parquet');
    const foreign = folder.write('visits.parquet.part', 'mine');
    const args = ['export', 'visits', '--format', 'parquet', '--from', '2023-11-14T22:13:22Z', '--output', to];
    expect(await run(...args)).toBe(0);
    expect(await rowsOfFile(readFileSync(to), 'parquet')).toMatchObject([{ seq: 2 }, { seq: 3 }]);
    expect(await fault(...args)).toEqual({
      code: exitCode.cannotWrite,
      line: `mien: Expected a new file, but ${to} exists. Name another file, or overwrite this one with --force`,
    });
    expect(await run(...args, '--to', '1700000003000', '--force')).toBe(0);
    expect(await rowsOfFile(readFileSync(to), 'parquet')).toMatchObject([{ seq: 2 }]);
    expect(parts()).toEqual(['visits.parquet.part']);
    expect(readFileSync(foreign, 'utf8')).toBe('mine');
  });

  test('a reader that stops early is not an error', async () => {
    const many = Array.from({ length: 5000 }, (_, seq) => visit(10 + seq));
    createWriter(daemon, { bootId: 'boot', now: () => 0, sampleMs: 1000 }).write({ ...noRows, visits: many });
    const head = ['bash', '-c', 'set -o pipefail; "$@" | head -n 1', '-'];
    const mien = new Mien(['export', 'visits', '--set', `dataDir=${folder.path}`], head);
    expect(await mien.exited).toBe(0);
    expect(mien.stdout).toMatch(/^device,.*\r\n$/);
    expect(mien.stderr).toBe('');
  });

  test.each([
    [
      ['stays'],
      exitCode.usage,
      /'stays' is invalid for argument 'table'. Allowed choices are visits, minutes, hours, samples/,
    ],
    [['visits', '--from', 'yesterday'], exitCode.usage, /Expected milliseconds since 1970, or a time such as/],
    [
      ['visits', '--from', '2', '--to', '1'],
      exitCode.usage,
      /^mien: Expected --from before --to, got 1970.*Swap them$/,
    ],
    [
      ['visits', '--output', '/proc/none/a.csv'],
      exitCode.cannotWrite,
      /^mien: Cannot write \/proc\/none\/a.csv \(ENOENT/,
    ],
    [
      ['visits', '--set', 'dataDir=/proc/none'],
      exitCode.noInput,
      /^mien: Cannot read a database at \/proc\/none\/mien.db/,
    ],
  ])('%j is refused with a reason', async (args, code, message) => {
    const refused = new Mien(['export', '--set', `dataDir=${folder.path}`, ...args]);
    expect(await refused.exited).toBe(code);
    expect(refused.stdout).toBe('');
    expect(refused.stderr.trim()).toMatch(new RegExp(message, 's'));
  });
});

describe('mien backup and mien restore', () => {
  test('a backup beside a running daemon; a restore when it has ended', async () => {
    const foreign = folder.write('copy.db.part', 'mine');
    expect(await run('backup', at('copy.db'))).toBe(0);
    expect((await fault('backup', at('copy.db'))).line).toContain('copy.db exists. Name another file, or overwrite');
    expect(await run('backup', at('copy.db'), '--force')).toBe(0);
    daemon.prepare('DELETE FROM visits').run();
    daemon.close();
    const restore = start('restore', at('copy.db'));
    expect(await restore.exited).toBe(0);
    expect(restore.stdout).toMatch(
      /^Restored .*mien\.db\nThe previous database is .*mien\.db\.replaced-\S+; Mien deletes it after 30 days\n$/,
    );
    const exported = start('export', 'visits', '--format', 'jsonl');
    expect(await exported.exited).toBe(0);
    expect(exported.stdout.split('\n')).toHaveLength(4);
    expect(parts()).toEqual(['copy.db.part']);
    expect(readFileSync(foreign, 'utf8')).toBe('mine');
  });
});

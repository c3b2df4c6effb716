/** The deployed schema in a real PostgreSQL: what a single record does, and what happens while others arrive. */
import { chmodSync, existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { freePort } from '../fixtures/mosquitto.ts';
import { scratchFolder } from '../fixtures/scratch.ts';
import { checkPartitions } from './checks.ts';
import { Database } from './database.ts';
import { DeviceRecords } from './load/records.ts';
import { found } from './report.ts';

const whyNot = existsSync('/usr/lib/postgresql') ? '' : ' (skipped: no PostgreSQL; apt-get install postgresql)';

describe.skipIf(whyNot)(`the schema${whyNot}`, { timeout: 60_000 }, () => {
  const folder = scratchFolder();
  let database: Database;

  beforeAll(async () => {
    chmodSync(folder, 0o755);
    database = new Database(folder, await freePort());
    await database.start();
    await database.createSchema();
  }, 60_000);
  afterAll(() => database.end());
  beforeEach(() => database.run('truncate visit, minute, rejected'));

  const add = (kind: 'visit' | 'minute', record: Readonly<Record<string, unknown>>) =>
    database.run(`insert into ${kind}_in values ('lobby', '${JSON.stringify(record)}')`);
  const count = async (of: string) => {
    const [row] = await database.rows<{ count: number }>(`select count(*) from ${of}`);
    return row!.count;
  };

  test.each(['visit', 'minute'] as const)('a %s that comes again with another time is counted once', async (kind) => {
    const record = new DeviceRecords('lobby')[kind](Date.now());
    await add(kind, record);
    await add(kind, { ...record, ts: (record.ts as number) - 20_000, cut: true });
    expect(await database.rows(`select seq, cut from ${kind}`)).toEqual([{ seq: 1, cut: false }]);
    await add(kind, { ...record, seq: 2 });
    await add(kind, { ...record, boot_id: 'another' });
    expect([await count(kind), await count('rejected')]).toEqual([3, 0]);
  });

  test('a new record reads no other rows of its device, in a new month and in one with few rows at its last analysis', async () => {
    const record = JSON.stringify(new DeviceRecords('lobby').minute(Date.now()));
    const addMany = (from: number, to: number) =>
      database.run(`do $$ begin for n in ${from}..${to} loop
        insert into minute_in values ('lobby', ('${record}'::jsonb || jsonb_build_object('seq', n))::text);
      end loop; end $$`);
    const rowsRead = async () => {
      const [row] = await database.rows<{ read: number }>(
        "select sum(seq_tup_read + idx_tup_fetch) as read from pg_stat_user_tables where relname like 'minute_%'",
      );
      return row!.read;
    };
    const before = await rowsRead();
    await addMany(1, 300);
    await database.run('truncate minute');
    await addMany(1, 20);
    await database.run('analyze minute');
    await addMany(21, 320);
    expect((await rowsRead()) - before).toBeLessThan(100);
  });

  test('the lag of a visit begins when the device knows that it has ended', async () => {
    await add('visit', new DeviceRecords('lobby').visit(Date.now() - 30_000));
    const maxLag = async (gapMs: number) => (await found(database, gapMs)).lag.max;
    expect([await maxLag(0), await maxLag(20_000), await maxLag(60_000)].map((lag) => Math.floor(lag / 10))).toEqual([
      3, 1, 0,
    ]);
    expect(await maxLag(60_000)).toBe(0);
    await add('minute', new DeviceRecords('lobby').minute(Date.now() - 30_000));
    expect(await maxLag(60_000)).toBeGreaterThan(29);
  });

  test('a month is made while its records arrive', async () => {
    expect(await checkPartitions(database)).toMatch(/^\d of minute; /);
  });

  test('retry_rejected() keeps what is set aside meanwhile', async () => {
    await database.run(
      "insert into rejected (kind, device, payload, reason) select 'visit', 'lobby', '{}', '' from generate_series(1, 5000)",
    );
    const arriving = database.run(`do $$ begin
      for n in 1..2000 loop insert into visit_in values ('lobby', 'not JSON'); commit; end loop;
    end $$`);
    await sleep(50);
    for (let n = 0; n < 3; n++) await database.run('select retry_rejected()');
    await arriving;
    expect(await count('rejected')).toBe(7000);
  });

  test('retry_rejected() puts in what the schema accepts now', async () => {
    await add('visit', { ...new DeviceRecords('lobby').visit(Date.now()), device: 'hall' });
    await database.run("update rejected set device = 'hall'");
    expect(await database.rows('select retry_rejected() as accepted')).toEqual([{ accepted: 1 }]);
    expect([await count('visit'), await count('rejected')]).toEqual([1, 0]);
  });
});

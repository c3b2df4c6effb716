import { exitCode, MienError } from '../../core/errors.ts';
import type { Database } from './database.ts';
import { DeviceRecords } from './load/records.ts';
import type { NodeRed } from './node-red.ts';

/** The flow has counted each visit once, and it has an alert for each device, all of which are offline now. */
export async function checkFlow(flow: NodeRed, database: Database, names: readonly string[]): Promise<string> {
  const { visits, alerts } = await flow.stopAndRead(names.length);
  // The last device sends wrong messages as well, some of which the flow counts.
  const last = names.at(-1)!;
  const counted = Object.entries(visits).reduce((sum, [name, count]) => sum + (name === last ? 0 : count), 0);
  const [row] = await database.rows<{ count: number }>(`select count(*) from visit where device <> '${last}'`);
  requireEqual('visits and alerts in Node-RED', [counted, alerts.length], [row!.count, names.length]);
  return `${counted} visits, each once; ${alerts.length} devices with an alert`;
}

/**
 * Rows of a month without a partition move to it when it is made, while others arrive; old partitions and old rows of any time go.
 */
export async function checkPartitions(database: Database): Promise<string> {
  const state = async () => {
    const [row] = await database.rows<{ rows: number; inDefault: number; rejected: number; partitions: number }>(
      `select count(*) as rows, (select count(*) from minute_default) as "inDefault",
        (select count(*) from rejected where device = 'partition') as rejected,
        (select count(*) from pg_inherits where inhparent = 'minute'::regclass) as partitions
      from minute where device = 'partition'`,
    );
    return [row!.rows, row!.inDefault, row!.rejected, row!.partitions];
  };
  const what = 'rows, rows in default, rejected, partitions';
  const [, , , before] = await state();
  const month = "to_char(now() + interval '1 month', 'YYYY_MM')";
  await database.run(`do $$ begin execute format('drop table minute_%s', ${month}); end $$`);
  await database.run(arrival("now() - interval '3 years'", { from: 1, to: 1 }));
  await database.run(arrival("now() + interval '1 month'", { from: 2, to: 2 }));
  requireEqual(`${what} before maintain()`, await state(), [2, 2, 0, before! - 1]);
  const arriving = Promise.all(
    [1, 2].map((n) => database.run(arrival("now() + interval '1 month'", { from: n * 1000, to: n * 1000 + 999 }))),
  );
  await Promise.all([arriving, database.run("select pg_sleep(0.1), maintain('13 months')")]);
  requireEqual(`${what} after maintain()`, await state(), [2001, 0, 0, before!]);
  await database.run("select maintain('0 months'); delete from minute where device = 'partition'");
  requireEqual(`${what} after a short keep`, await state(), [0, 0, 0, before! - 1]);
  return `${before} of minute; rows of a missing month move to it while others arrive, old ones go`;
}

/** Sends minute records of a time, each in a transaction of its own. */
function arrival(time: string, seq: { readonly from: number; readonly to: number }): string {
  const record = JSON.stringify({ ...new DeviceRecords('partition').minute(0), boot_id: 'boot' });
  const ts = `extract(epoch from ${time}) * 1000`;
  return `do $$ begin
    for n in ${seq.from}..${seq.to} loop
      insert into minute_in values
        ('partition', ('${record}'::jsonb || jsonb_build_object('seq', n, 'ts', ${ts}, 'start', ${ts}))::text);
      commit;
    end loop;
  end $$`;
}

function requireEqual(what: string, got: readonly number[], expected: readonly number[]): void {
  if (got.join() === expected.join()) return;
  throw new MienError(`${what}: expected ${expected.join(', ')}, got ${got.join(', ')}`, {
    code: exitCode.badData,
    remedy: 'Compare with ansible/roles/hub/files.',
  });
}

import { exitCode, MienError } from '../../core/errors.ts';
import type { Database } from './database.ts';
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

/** Rows of a month without a partition move to it when it is made; old partitions and old rows of any time go. */
export async function checkPartitions(database: Database): Promise<string> {
  const months = `(select count(*) from pg_inherits where inhparent = 'minute'::regclass) as partitions`;
  const state = async () => {
    const counts = 'select count(*) as rows, (select count(*) from minute_default) as "inDefault"';
    const [row] = await database.rows<{ rows: number; inDefault: number; partitions: number }>(
      `${counts}, ${months} from minute where device = 'partition'`,
    );
    return [row!.rows, row!.inDefault, row!.partitions];
  };
  const [, before] = [await state(), await state()];
  await database.run(`do $$ begin execute format('drop table minute_%s', to_char(now() + interval '1 month', 'YYYY_MM')); end $$;
    ${insertAt("now() + interval '1 month'", 1)} ${insertAt("now() - interval '3 years'", 2)}`);
  requireEqual('rows, rows in default, partitions before maintain()', await state(), [2, 2, before[2]! - 1]);
  await database.run("select maintain('13 months')");
  requireEqual('rows, rows in default, partitions after maintain()', await state(), [1, 0, before[2]!]);
  await database.run("select maintain('0 months'); delete from minute where device = 'partition'");
  requireEqual('rows, rows in default, partitions after a short keep', await state(), [0, 0, before[2]! - 1]);
  return `${before[2]} of minute; rows of a missing month move to it, old ones go`;
}

function insertAt(time: string, seq: number): string {
  return `insert into minute (device, boot_id, seq, ts, historical, id, start, duration_s, people, visits_begun, visits_ended,
    dwell_ms, seconds, uncertain_s, watched_s, blind_s, paused_s)
    values ('partition', 'boot', ${seq}, ${time}, false, 'id', ${time}, 60, 0, 0, 0, 0, '{}', 0, 60, 0, 0);`;
}

function requireEqual(what: string, got: readonly number[], expected: readonly number[]): void {
  if (got.join() === expected.join()) return;
  throw new MienError(`${what}: expected ${expected.join(', ')}, got ${got.join(', ')}`, {
    code: exitCode.badData,
    remedy: 'Compare with ansible/roles/hub/files.',
  });
}

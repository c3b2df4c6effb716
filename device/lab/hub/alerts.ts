import { setTimeout as sleep } from 'node:timers/promises';
import { load } from 'js-yaml';
import { exitCode, MienError } from '../../core/errors.ts';
import { hubFile } from './files.ts';
import type { Hub } from './hub.ts';
import { DeviceRecords } from './load/records.ts';
import type { MetricsStore } from './metrics-store.ts';

/** Telegraf reads its own figures every 10 s and Mosquitto publishes its own as often: three of each. */
const range = '30s';
const limitMs = 60_000;
/** Telegraf's default, after which it forgets a figure that does not come again. */
const defaultExpirationMs = 60_000;

/**
 * The conditions of the deployed alerts, with short ranges: they are false before, and true while PostgreSQL refuses a record, a
 * message is not JSON, and the broker is away. A queue of a million messages, for HubBrokerDropsMessages, is not made. Leaves the hub in
 * that state, so it comes last.
 *
 * @param device name of a device with a login
 * @throws MienError (`badData`) if a condition does not become true
 */
export async function checkAlerts(hub: Hub, device: string): Promise<string> {
  const conditions = conditionsOf(hubFile('prometheus/hub.rules.yml'));
  const becomes = (isTrue: boolean, name: string) => until(hub.metrics, conditions, name, isTrue);
  const caused = ['HubMessagesNotJson', 'HubDatabaseRefusesWrites', 'HubBrokerSilent'];
  for (const name of [...caused, 'HubBrokerDropsMessages']) await becomes(false, name);
  await hub.database.run('revoke insert on visit_in from mien_ingest');
  const client = await hub.broker.connect(device);
  const record = JSON.stringify(new DeviceRecords(device).visit(Date.now()));
  for (const payload of [record, record.slice(0, 50)])
    await client.publishAsync(`mien/${device}/visit`, payload, { qos: 1 });
  await client.endAsync();
  await becomes(true, 'HubMessagesNotJson');
  await hub.broker.end('SIGTERM');
  for (const name of caused.slice(1)) await becomes(true, name);
  await requireOldFigures(hub.metrics);
  return `${caused.join(', ')}: true at their cause only`;
}

/** Mosquitto publishes a figure only when it changes, so one that is older than Telegraf's default must still be there. */
async function requireOldFigures(metrics: MetricsStore): Promise<void> {
  await sleep(defaultExpirationMs + 5000);
  const name = 'figures of the broker';
  await until(metrics, new Map([[name, 'mosquitto_sys{topic="$SYS/broker/messages/received"}']]), name, true);
}

/** The expressions of the alerts, with each of their ranges shortened. */
function conditionsOf(rules: string): ReadonlyMap<string, string> {
  const { groups } = load(rules) as { groups: readonly { rules: readonly { alert: string; expr: string }[] }[] };
  const alerts = groups.flatMap((group) => group.rules);
  return new Map(alerts.map(({ alert, expr }) => [alert, expr.replaceAll(/\b\d+[mh]\b/g, range)]));
}

async function until(
  metrics: MetricsStore,
  conditions: ReadonlyMap<string, string>,
  name: string,
  isTrue: boolean,
): Promise<void> {
  const deadline = performance.now() + limitMs;
  const condition = conditions.get(name)!;
  while ((await metrics.count(condition)) > 0 !== isTrue) {
    if (performance.now() > deadline) {
      throw new MienError(`${name}: expected ${isTrue} within ${limitMs / 1000} s, got ${!isTrue}: ${condition}`, {
        code: exitCode.badData,
        remedy: 'Compare it with the figures at the address HUB_TELEGRAF_METRICS of Telegraf.',
      });
    }
    await sleep(500);
  }
}

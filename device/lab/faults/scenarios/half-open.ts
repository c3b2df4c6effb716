import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultBroker } from '../broker.ts';
import type { FaultDevice } from '../device.ts';
import { Link } from '../link.ts';
import { between, type Context, type Outcome, onStage } from '../stage.ts';

const noticedMs = 30_000;
const limitMs = 60_000;

/** Links that drop every packet silently: the devices live in a network namespace behind a pair of virtual interfaces. */
export async function halfOpen(context: Context, count: number, parallel: number): Promise<Outcome> {
  const link = Link.create();
  if (typeof link === 'string') {
    return { scenario: 'half-open links', done: 'not run', integrityChecks: 0, notes: [], faults: [link] };
  }
  const devices = Math.min(parallel, count);
  const settings = { 'camera.pace': 'source', 'camera.fps': 10 };
  const device = { through: link.through, settings, url: (port: number) => `mqtt://${link.brokerAddress}:${port}` };
  const broker = { address: link.brokerAddress };
  try {
    return await onStage('half-open links', context, { devices, broker, device }, async (stage) => {
      const waits: number[] = [];
      const faults: string[] = [];
      for (const each of stage.devices) each.start();
      await allConnected(stage, 0);
      for (let round = 0; waits.length < count; round += 1) {
        await sleep(between(context.random, 500, 4000));
        // Every second time the packets of the device still arrive, so that what it sends is stored without an acknowledgement.
        link.drop(round % 2 === 0 ? 'both ways' : 'answers');
        const noticed = await Promise.all(stage.devices.map(timeUntilNoticed));
        link.restore();
        const restored = performance.now();
        waits.push(...noticed);
        faults.push(
          ...noticed.filter((ms) => ms > noticedMs).map((ms) => `a dead link was noticed after ${Math.round(ms)} ms`),
        );
        await allConnected(stage, restored);
        context.showProgress(
          `${waits.length} of ${count} half-open links, noticed after ${noticed.map(Math.round).join(', ')} ms`,
        );
      }
      const sorted = waits.sort((a, b) => a - b);
      const median = sorted[Math.floor(sorted.length / 2)]!;
      return {
        done: `${waits.length} half-open links, ${devices} devices at once, in a network namespace`,
        notes: [`noticed after ${Math.round(median)} ms (median), ${Math.round(sorted.at(-1)!)} ms at most`],
        faults,
      };
    });
  } finally {
    link.remove();
  }
}

async function allConnected(
  { broker, devices }: { broker: FaultBroker; devices: readonly FaultDevice[] },
  since: number,
) {
  for (const { name } of devices) await broker.connected(name, since, limitMs);
}

/** The daemon logs the lost connection in the moment in which it notices it. */
async function timeUntilNoticed(device: FaultDevice): Promise<number> {
  const from = performance.now();
  const before = device.output.length;
  while (performance.now() - from < limitMs) {
    if (/broker|MQTT/i.test(device.output.slice(before))) break;
    await sleep(20);
  }
  return performance.now() - from;
}

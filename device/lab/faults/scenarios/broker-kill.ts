import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import { FaultBroker } from '../broker.ts';
import { Recorder } from '../recorder.ts';
import { between, type Context, type Outcome } from '../stage.ts';

const messages = 1000;
const everyMs = 3;
/** Mosquitto's default, and the shortest one. */
const autosaves = [1800, 1];

/**
 * Kills the broker (SIGKILL) while a subscriber with a persistent session is away. What the broker has acknowledged since its
 * last autosave is lost to that subscriber, and no device can know it. It is shown and is no failure of the run.
 */
export async function brokerKill(context: Context): Promise<Outcome> {
  const notes: string[] = [];
  for (const autosaveS of autosaves) {
    const { acknowledged, arrived } = await killOne(context, autosaveS);
    const lost = acknowledged - arrived;
    notes.push(
      `autosave_interval ${autosaveS}: ${acknowledged} acknowledged by the broker, ${lost} of them lost at its kill`,
    );
  }
  return {
    scenario: 'kill of the broker (for information)',
    done: `2 kills (SIGKILL) of the broker, its subscriber away`,
    ...{ integrityChecks: 0, notes, faults: [] },
  };
}

async function killOne({ folder, random, showProgress }: Context, autosaveS: number) {
  const own = join(folder, `broker-kill-${autosaveS}`);
  mkdirSync(own);
  const broker = await FaultBroker.start({ folder: own, autosaveS });
  const recorder = new Recorder(broker.url);
  await recorder.start();
  await recorder.stop();
  await sleep(2000);

  const publisher = await connectAsync(broker.url, { reconnectPeriod: 0, protocolVersion: 5 });
  publisher.on('error', () => {}); // The kill of the broker ends the connection.
  let acknowledged = 0;
  for (let seq = 1; seq <= messages; seq += 1) {
    const payload = JSON.stringify({ id: `b-${seq}`, boot_id: 'b', seq, ts: seq, historical: false });
    publisher.publish('mien/kill/visit', payload, { qos: 1 }, (error) => {
      if (!error) acknowledged += 1;
    });
    await sleep(everyMs);
  }
  await sleep(between(random, 0, 900));
  showProgress(`the broker is killed, autosave_interval ${autosaveS}`);
  await broker.stop('SIGKILL');
  await publisher.endAsync(true);
  await broker.start();
  await recorder.start();
  await sleep(2000);
  await recorder.stop();
  await broker.stop('SIGKILL');
  return { acknowledged, arrived: new Set(recorder.records.map(({ id }) => id)).size };
}

import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import type { Checks } from '../checks.ts';
import { freePort } from '../fixtures/mosquitto.ts';
import { Broker } from '../hub/broker.ts';
import { NodeRed } from '../hub/node-red.ts';
import { Device } from './device.ts';

const name = 'lab';
const limitMs = 60_000;

/**
 * The hub's Node-RED flow counts each visit of a real device once, also one that arrives twice.
 *
 * @param program path of Node-RED's red.js
 */
export async function checkNodeRed(checks: Checks, program: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'mien-node-red-'));
  // Mosquitto runs as a user of its own.
  chmodSync(folder, 0o755);
  const broker = await Broker.prepare(folder, await freePort(), [name]);
  const nodeRed = new NodeRed(program, folder, await freePort(), broker);
  const access = { 'mqtt.url': broker.url, 'mqtt.username': name, 'mqtt.password': broker.password };
  const device = new Device({
    'device.name': name,
    dataDir: join(folder, 'data'),
    'mqtt.tls.ca': broker.ca,
    ...access,
  });
  try {
    await broker.start();
    await nodeRed.start();
    console.log('== Node-RED with the flow of the hub');
    const repeated = await repeatFirst(broker);
    await device.start();
    const deadline = performance.now() + limitMs;
    while (repeated.ids.size < 3 && performance.now() < deadline) await sleep(200);
    // The visits in progress end with the daemon.
    await device.stop();
    await sleep(500);
    const { visits: counted } = await nodeRed.stopAndRead(1);
    await repeated.stop();
    checks.report(
      counted[name] === repeated.ids.size && repeated.ids.size >= 3,
      `${repeated.ids.size} visits, the first one sent twice, are counted as ${counted[name]}`,
    );
  } finally {
    await device.stop();
    await nodeRed.end();
    await broker.end('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Sends the first visit of the device once more, as a device does after a broken connection. Collects the ids of all visits. */
async function repeatFirst(broker: Broker) {
  const options = { ca: readFileSync(broker.ca), password: broker.password, protocolVersion: 5 } as const;
  const reader = await connectAsync(broker.url, { ...options, username: 'nodered' });
  const sender = await connectAsync(broker.url, { ...options, username: name });
  const ids = new Set<string>();
  reader.on('message', (topic, payload) => {
    if (ids.size === 0) sender.publish(topic, payload, { qos: 1 });
    ids.add(JSON.parse(payload.toString()).id);
  });
  await reader.subscribeAsync(`mien/${name}/visit`, { qos: 1 });
  const stop = async () => void (await Promise.all([reader.endAsync(), sender.endAsync()]));
  return { ids, stop };
}

/**
 * Every message of a busy time validates against its published schema: MQTT, API, WebSocket and events, with commands, pauses,
 * restarts of the vision process and of the broker. One minute by default; BUSY_MINUTES=60 for an hour.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from 'mqtt';
import { expect, onTestFinished, test } from 'vitest';
import { checkMqtt, requestAll, requestAs, watchEvents, watchSocket } from './lab/fixtures/busy-clients.ts';
import { runOnClip, until } from './lab/fixtures/mien.ts';
import { freePort, observe, startMosquitto } from './lab/fixtures/mosquitto.ts';
import { PublishedSchemas } from './lab/fixtures/published-schemas.ts';
import { scratchFolder } from './lab/fixtures/scratch.ts';

const minutes = Number(process.env.BUSY_MINUTES ?? 1);
const scratch = scratchFolder();
const token = 'busy-'.repeat(10);

/** Commands of one round, which takes about 10 s. Some are invalid on purpose. */
const commands: readonly (readonly [topic: string, payload: string])[] = [
  ['request/ping', '{"transaction":"1"}'],
  ['request/snapshot', '{"transaction":"2"}'],
  ['set/paused', 'ON'],
  ['request/snapshot', '{}'],
  ['set/paused', 'OFF'],
  ['request/rate', '{"fps":20}'],
  ['set/rate', 'none'],
  ['request/profile', '{"name":"evening"}'],
  ['set/profile', 'none'],
  ['request/profile', '{"name":"no such"}'],
  ['request/restart-vision', '{}'],
  ['request/dance', 'x'],
];

test('every message of a busy hour validates against its published schema', {
  timeout: (minutes + 4) * 60_000,
}, async () => {
  const schemas = new PublishedSchemas();
  const port = await freePort();
  let broker = await startMosquitto({ port });
  onTestFinished(() => broker.stop());
  const observer = await observe(broker.url, 'mien/e2e/#', { reconnect: true });
  onTestFinished(() => observer.stop());
  const sender = connect(broker.url, { reconnectPeriod: 50 });
  // Outages are part of the test.
  sender.on('error', () => undefined);
  onTestFinished(() => sender.endAsync(true));
  const mien = runOnClip({
    dataDir: scratch,
    'http.token': token,
    ...{ 'mqtt.url': broker.url, 'mqtt.readingMs': 100, 'mqtt.snapshots': 'true' },
    profiles: '{"evening":{"camera.fps":10,"kiosk.theme":"contrast"}}',
  });
  onTestFinished(async () => void (await mien.stop('SIGKILL')));
  const origin = await mien.url();
  const done = new AbortController();
  const events = watchEvents(schemas, origin, done.signal);
  const socket = watchSocket(schemas, origin);
  onTestFinished(() => socket.terminate());
  const picture = await until(async () => {
    const response = await fetch(`${origin}/snapshot.jpg`);
    return response.ok ? Buffer.from(await response.arrayBuffer()) : undefined;
  });
  const post = (path: string, name: string, body?: string | Buffer, type = 'application/json') =>
    requestAs(schemas, token, `${origin}${path}`, name, {
      method: 'POST',
      ...(body === undefined ? {} : { body: body as never, headers: { 'content-type': type } }),
    });

  const seen = (topic: string) => observer.texts(`mien/e2e/${topic}`).length;
  const endsAt = performance.now() + minutes * 60_000;
  while (performance.now() < endsAt || seen('minute') === 0) {
    for (const [topic, payload] of commands) {
      sender.publish(`mien/e2e/${topic}`, payload);
      await pause(700);
    }
    await requestAll(schemas, token, origin);
    await post('/api/v1/control/pause', 'control');
    // A paused camera leaves the processor free for the classification.
    await post('/api/v1/classify', 'classified', picture, 'image/jpeg');
    await post('/api/v1/control/resume', 'control');
    await post('/api/v1/control/profile', 'control', '{"name":"evening"}');
    await broker.stop();
    await pause(1500);
    broker = await startMosquitto({ port });
  }

  done.abort();
  await events;
  expect(await mien.stop()).toBe(0);
  checkMqtt(schemas, 'mien/e2e', observer.messages);
  expect([...schemas.faults]).toEqual([]);
  const unseen = schemas.names.filter((name) => !schemas.counts.has(name));
  expect(unseen).toEqual([]);
});

import { pino } from 'pino';
import type { Config } from '../../config/schema.ts';
import { systemClock, wait } from '../../core/clock.ts';
import { describeError, exitCode, MienError } from '../../core/errors.ts';
import { BrokerConnection } from './connection.ts';
import { discoveryOf, discoveryTopic, factsWithAllEntities } from './homeassistant/discovery.ts';
import { retainedTopics } from './mqtt.ts';

/** Retained messages arrive at once after the subscription; without one for this long, they are complete. */
const quietMs = 500;
const readLimitMs = 5000;
/** Home Assistant needs a moment to set up the entities that it removes next. */
const setUpMs = 1500;

export interface ForgetDeps {
  readonly config: Config['mqtt'];
  readonly deviceName: string;
  /** Id of the device, if this machine knows it. Otherwise it is read from the retained `state`. */
  readonly deviceId?: string;
  readonly version: string;
}

export interface Forgotten {
  /** Topics that had a retained message. */
  readonly topics: readonly string[];
  /** Ids for which a removal was sent to Home Assistant; empty if no id is known. */
  readonly deviceIds: readonly string[];
}

/**
 * Removes a device that is not running: its entities at Home Assistant, and its retained messages at the broker.
 *
 * @throws MienError (unavailable) if the broker cannot be reached or refuses a message
 */
export async function forgetDevice(deps: ForgetDeps): Promise<Forgotten> {
  const base = `${deps.config.baseTopic}/${deps.deviceName}`;
  const retained = new Map<string, string>();
  let readAt = systemClock.mono();
  const connection = await connect(deps.config, base, (topic, payload) => {
    readAt = systemClock.mono();
    retained.set(topic, payload);
  });
  try {
    const startedAt = systemClock.mono();
    readAt = startedAt;
    while (systemClock.mono() - readAt < quietMs && systemClock.mono() - startedAt < readLimitMs) await wait(50);
    const published = idIn(retained.get(`${base}/state`));
    const deviceIds = [...new Set([deps.deviceId, published].filter((id) => id !== undefined))];
    const publish = (topic: string, payload: string, retain: boolean) => send(connection, topic, payload, retain);
    for (const id of deviceIds) await removeFromHomeAssistant(deps, base, id, publish);
    const topics = [...retained.keys()];
    // A broker may not send retained messages to a wildcard subscription.
    const known = retainedTopics.map((topic) => `${base}/${topic}`);
    for (const topic of new Set([...known, ...topics])) await publish(topic, '', true);
    return { topics, deviceIds };
  } finally {
    await connection.stop(true);
  }
}

function connect(
  config: Config['mqtt'],
  base: string,
  onRetained: (topic: string, payload: string) => void,
): Promise<BrokerConnection> {
  return new Promise((resolve, reject) => {
    const connection = new BrokerConnection({
      ...config,
      clientId: `mien-forget-${process.pid}`,
      clock: systemClock,
      log: pino({ level: 'silent' }),
      subscriptions: [`${base}/#`],
      onMessage({ topic, payload, isRetained }) {
        if (isRetained && payload.length > 0) onRetained(topic, Buffer.from(payload).toString());
      },
      onConnected: () => resolve(connection),
      onOffline(reason) {
        void connection.stop(false);
        const remedy = 'Then run this command again';
        reject(new MienError(reason.replace(/\.$/, ''), { code: exitCode.unavailable, remedy }));
      },
    });
    connection.start();
  });
}

/**
 * Home Assistant removes only entities that were announced since its start. So this announces the whole device first, with every
 * entity that a device can have.
 */
async function removeFromHomeAssistant(
  { config, deviceName, version }: ForgetDeps,
  base: string,
  deviceId: string,
  publish: (topic: string, payload: string, retain: boolean) => Promise<void>,
): Promise<void> {
  const topic = discoveryTopic(config.homeAssistant.discoveryPrefix, deviceId);
  await publish(
    topic,
    JSON.stringify(discoveryOf({ base, deviceId, deviceName, version, ...factsWithAllEntities })),
    false,
  );
  await wait(setUpMs);
  await publish(topic, '', true);
}

async function send(connection: BrokerConnection, topic: string, payload: string, retain: boolean): Promise<void> {
  try {
    await connection.publish(topic, payload, { qos: 1, retain });
  } catch (error) {
    throw new MienError(`The broker refused a message to ${topic} (${describeError(error)})`, {
      code: exitCode.unavailable,
      remedy: 'Allow the user to publish there, or name a user who may: MIEN_MQTT_USERNAME, MIEN_MQTT_PASSWORD',
      cause: error,
    });
  }
}

/** The id in a payload of `state`; undefined for one of an older version. */
function idIn(state: string | undefined): string | undefined {
  try {
    const { device_id: id } = JSON.parse(state ?? '{}') as { device_id?: unknown };
    return typeof id === 'string' && /^\w+$/.test(id) ? id : undefined;
  } catch {
    // The message of another program on this topic has no id.
    return undefined;
  }
}

import type { MqttClient } from 'mqtt';
import type { Config } from '../../config/schema.ts';
import { systemClock, wait } from '../../core/clock.ts';
import { describeError, exitCode, MienError } from '../../core/errors.ts';
import { splitCredentials } from './client.ts';
import { connectOnce } from './connect-once.ts';
import { linkTimes } from './connection.ts';
import { explainBrokerFault, Unacknowledged } from './fault.ts';
import { discoveryOf, discoveryTopic, factsWithAllEntities } from './homeassistant/discovery.ts';
import { retainedTopics } from './mqtt.ts';
import { within } from './within.ts';

/** Retained messages arrive at once after the subscription; without one for this long, they are complete. */
const quietMs = 500;
const readLimitMs = 5000;
/** Home Assistant needs a moment to set up the entities that it removes next. */
const setUpMs = 1500;
const endMs = 500;

export interface ForgetDeps {
  readonly config: Config['mqtt'];
  readonly deviceName: string;
  /** The device of this machine, if it has an id. The id of another device is read from its retained `state`. */
  readonly own?: { readonly name: string; readonly id: string };
  /** Also a device that is online. */
  readonly force?: boolean;
  readonly version: string;
}

export interface Forgotten {
  /** Topics that had a retained message. */
  readonly topics: readonly string[];
  /** Ids for which a removal was sent to Home Assistant; empty if no id is known. */
  readonly deviceIds: readonly string[];
  /** Devices that have another name now. Home Assistant keeps them. */
  readonly renamed: readonly { readonly id: string; readonly name: string }[];
}

/**
 * Removes a device that is not running: its entities at Home Assistant, and its retained messages at the broker. A device that
 * has another name now keeps its entities.
 *
 * @throws MienError (`unavailable`) if the device is online, or if the broker cannot be reached or refuses a subscription or
 * message; `config` for TLS files that cannot be used
 */
export async function forgetDevice(deps: ForgetDeps): Promise<Forgotten> {
  const { baseTopic } = deps.config;
  const base = `${baseTopic}/${deps.deviceName}`;
  const client = await connect(deps.config);
  try {
    const retained = await readRetained(client, deps, base);
    if (!deps.force && retained.get(`${base}/availability`) === 'online') throw isOnline(deps.deviceName);
    const own = deps.own?.name === deps.deviceName ? deps.own.id : undefined;
    const published = idIn(retained.get(`${base}/state`));
    const ids = [...new Set([own, published].filter((id) => id !== undefined))];
    const renamed = ids.flatMap((id) => {
      const name = newName(id, deps, retained);
      return name === undefined ? [] : [{ id, name }];
    });
    const deviceIds = ids.filter((id) => !renamed.some((each) => each.id === id));
    for (const id of deviceIds) await removeFromHomeAssistant(client, deps, base, id);
    const topics = [...retained.keys()].filter((topic) => topic.startsWith(`${base}/`));
    // A broker may not send retained messages to a wildcard subscription.
    const known = retainedTopics.map((topic) => `${base}/${topic}`);
    for (const topic of new Set([...known, ...topics])) await publish(client, topic, '', true);
    return { topics, deviceIds, renamed };
  } finally {
    await end(client);
  }
}

async function connect(config: Config['mqtt']): Promise<MqttClient> {
  const clientId = `mien-forget-${process.pid}`;
  try {
    return await connectOnce(config, {
      clientId,
      connectTimeout: linkTimes.connectMs,
      keepalive: linkTimes.keepaliveS,
    });
  } catch (fault) {
    const explained = explainBrokerFault(fault, { ...splitCredentials(config), clientId, now: systemClock.now() });
    throw new MienError(describeError(explained).replace(/\.$/, ''), {
      code: explained.code,
      remedy: 'Then run this command again',
      cause: fault,
    });
  }
}

/** The retained messages of the device, and `state` and `availability` of the others. */
async function readRetained(client: MqttClient, deps: ForgetDeps, base: string): Promise<ReadonlyMap<string, string>> {
  const retained = new Map<string, string>();
  let readAt = 0;
  client.on('message', (topic, payload, { retain }) => {
    readAt = systemClock.mono();
    if (retain && payload.length > 0) retained.set(topic, payload.toString());
  });
  const { baseTopic } = deps.config;
  try {
    await subscribe(client, [`${base}/#`]);
  } catch (error) {
    // Then nothing tells whether the device is online.
    if (!deps.force) throw isUnreadable(base, error);
  }
  // Without these rights a new name of the device stays unknown, unless it is the device of this machine.
  await subscribe(client, [`${baseTopic}/+/state`, `${baseTopic}/+/availability`]).catch(() => undefined);
  const startedAt = systemClock.mono();
  readAt = startedAt;
  while (systemClock.mono() - readAt < quietMs && systemClock.mono() - startedAt < readLimitMs) await wait(50);
  return retained;
}

/** The name that a device has instead of `deviceName`; undefined for none that is known. */
function newName(id: string, deps: ForgetDeps, retained: ReadonlyMap<string, string>): string | undefined {
  const { own, deviceName, config } = deps;
  if (own?.id === id) return own.name === deviceName ? undefined : own.name;
  for (const [topic, payload] of retained) {
    const name = topic.slice(config.baseTopic.length + 1).split('/', 1)[0]!;
    if (name === deviceName || topic !== `${config.baseTopic}/${name}/state` || idIn(payload) !== id) continue;
    if (retained.get(`${config.baseTopic}/${name}/availability`) === 'online') return name;
  }
  return undefined;
}

function isOnline(deviceName: string): MienError {
  return new MienError(`The device ${deviceName} is online`, {
    code: exitCode.unavailable,
    remedy: 'Stop it first, and wait for 30 s if it was killed; or add --force',
  });
}

function isUnreadable(base: string, error: unknown): MienError {
  return new MienError(`The broker refused the subscription to ${base}/# (${describeError(error)})`, {
    code: exitCode.unavailable,
    remedy: 'Allow the user to read there; or add --force if the device is not online',
    cause: error,
  });
}

/**
 * Home Assistant removes only entities that were announced since its start. So this announces the whole device first, with every
 * entity that a device can have.
 */
async function removeFromHomeAssistant(
  client: MqttClient,
  { config, deviceName, version }: ForgetDeps,
  base: string,
  deviceId: string,
): Promise<void> {
  const topic = discoveryTopic(config.homeAssistant.discoveryPrefix, deviceId);
  const device = discoveryOf({ base, deviceId, deviceName, version, ...factsWithAllEntities });
  await publish(client, topic, JSON.stringify(device), false);
  await wait(setUpMs);
  await publish(client, topic, '', true);
}

/** Resolves once the broker has granted all filters. `rap`: the retain flag stays as published. */
function subscribe(client: MqttClient, filters: string[]): Promise<void> {
  return acknowledged(client.subscribeAsync(filters, { qos: 1, rap: true }));
}

async function publish(client: MqttClient, topic: string, payload: string, retain: boolean): Promise<void> {
  try {
    await acknowledged(client.publishAsync(topic, payload, { qos: 1, retain }));
  } catch (error) {
    throw new MienError(`The broker refused a message to ${topic} (${describeError(error)})`, {
      code: exitCode.unavailable,
      remedy: 'Allow the user to publish there, or name a user who may: MIEN_MQTT_USERNAME, MIEN_MQTT_PASSWORD',
      cause: error,
    });
  }
}

async function acknowledged(request: Promise<unknown>): Promise<void> {
  const { acknowledgeMs } = linkTimes;
  const isDone = await within(
    acknowledgeMs,
    request.then(() => true),
  );
  if (!isDone) throw new Unacknowledged(`no acknowledgement within ${acknowledgeMs / 1000} s`);
}

/** Sends DISCONNECT. A link that is dead or silent is closed. */
async function end(client: MqttClient): Promise<void> {
  await within(endMs, client.endAsync(!client.connected));
  client.stream.destroy();
}

/** The id in a payload of `state`; undefined for one of an older version. */
function idIn(state: string | undefined): string | undefined {
  try {
    const { device_id: id } = JSON.parse(state ?? '{}') as { device_id?: unknown };
    return typeof id === 'string' && /^[\w-]+$/.test(id) ? id : undefined;
  } catch {
    // The message of another program on this topic has no id.
    return undefined;
  }
}

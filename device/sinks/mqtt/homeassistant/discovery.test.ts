import { expect, test } from 'vitest';
import { z } from 'zod';
import { retainedTopics } from '../mqtt.ts';
import { type DeviceFacts, discoveryOf, discoveryTopic } from './discovery.ts';

const facts: DeviceFacts = {
  base: 'mien/Lobby-2',
  deviceId: '0123456789ab',
  deviceName: 'Lobby-2',
  version: '1.2.3',
  adminUrl: 'http://lobby:8080/admin',
  labels: ['angry', 'happy'],
  hasTemperature: true,
  acceptsCommands: true,
};

const availability = z.array(z.strictObject({ topic: z.string(), value_template: z.string().optional() })).min(1);

const removed = z.strictObject({ platform: z.enum(['sensor', 'switch', 'button']) });
const component = z.looseObject({
  platform: z.enum(['sensor', 'binary_sensor', 'switch', 'button', 'event']),
  name: z.string(),
  unique_id: z.string().regex(/^mien_0123456789ab_[a-z_]+$/),
  default_entity_id: z.string().regex(/^(sensor|binary_sensor|switch|button|event)\.[a-z0-9_]+$/),
  entity_category: z.enum(['config', 'diagnostic']).optional(),
  availability: availability.optional(),
  availability_mode: z.literal('all').optional(),
});

/** The keys that both 2026.2 and 2026.11 know at the root. An unknown one refuses the whole device. */
const accepted = z.strictObject({
  device: z.strictObject({
    identifiers: z.array(z.string()).min(1),
    name: z.string(),
    manufacturer: z.string(),
    model: z.string(),
    sw_version: z.string(),
    configuration_url: z.url({ protocol: /^https?$/ }).optional(),
  }),
  origin: z.strictObject({ name: z.string(), sw_version: z.string() }),
  availability,
  qos: z.literal(1),
  components: z.record(z.string(), z.union([removed, component])),
});

test.each([
  ['a full device', {}],
  ['no labels yet', { labels: undefined }],
  ['no sensor, no commands, no address', { hasTemperature: false, acceptsCommands: false, adminUrl: undefined }],
])('Home Assistant accepts %s', (_name, change) => {
  expect(accepted.safeParse(discoveryOf({ ...facts, ...change })).error).toBeUndefined();
});

test('every state comes from a retained topic, so that a restarted Home Assistant has it; but the event does not', () => {
  const { components } = discoveryOf(facts);
  const topics = Object.values(components).flatMap(({ platform, state_topic: topic }) =>
    platform === 'button' ? [] : [[platform === 'event', topic]],
  );
  expect(topics.length).toBeGreaterThan(15);
  for (const [isEvent, topic] of topics) {
    const isRetained = retainedTopics.map((each) => `mien/Lobby-2/${each}`).includes(topic as string);
    expect(isRetained, `${topic}`).toBe(!isEvent);
  }
});

test('a renamed device keeps its topic, its identifier and the unique ids', () => {
  const ids = ({ device, components }: ReturnType<typeof discoveryOf>) => [
    device.identifiers,
    Object.values(components).map(({ unique_id }) => unique_id),
  ];
  const renamed = { ...facts, deviceName: 'Shop', base: 'mien/Shop' };
  expect(ids(discoveryOf(renamed))).toEqual(ids(discoveryOf(facts)));
  expect(discoveryOf(renamed).device.name).toBe('Shop');
  expect(discoveryTopic('homeassistant', renamed.deviceId)).toBe('homeassistant/device/mien_0123456789ab/config');
});

test('the entity id has its domain and the name of the device', () => {
  expect(discoveryOf(facts).components.restart_vision!.default_entity_id).toBe('button.lobby_2_restart_vision');
});

test('the options of the expression are the labels of the model, uncertain and none', () => {
  expect(discoveryOf(facts).components.expression!.options).toEqual(['angry', 'happy', 'uncertain', 'none']);
  expect(discoveryOf({ ...facts, labels: undefined }).components).not.toHaveProperty('expression');
});

test('a missing part is removed, an unknown one stays as it was', () => {
  const { components } = discoveryOf({ ...facts, hasTemperature: false, acceptsCommands: false });
  expect(components.temperature).toEqual({ platform: 'sensor' });
  expect(components.paused).toEqual({ platform: 'switch' });
  expect(components.restart_vision).toEqual({ platform: 'button' });
  expect(discoveryOf({ ...facts, hasTemperature: undefined }).components).not.toHaveProperty('temperature');
});

test('what the picture shows needs the camera, and diagnostics do not', () => {
  const { components } = discoveryOf(facts);
  const needCamera = Object.entries(components).filter(([, { availability }]) => availability !== undefined);
  expect(needCamera.map(([key]) => key)).toEqual(['people', 'expression', 'smiles', 'dwell', 'visits', 'visit']);
  for (const [, entity] of needCamera) {
    expect(entity.availability_mode).toBe('all');
    expect((entity.availability as { topic: string }[]).map(({ topic }) => topic)).toEqual([
      'mien/Lobby-2/availability',
      'mien/Lobby-2/camera/state',
    ]);
  }
});

import { expect, test } from 'vitest';
import { configId } from './config-id.ts';
import { configSchema } from './schema.ts';

const idOf = (values: object) => configId(configSchema.parse(values));

test('equal settings have the same id, a default that is written out too', () => {
  expect(idOf({})).toMatch(/^[0-9a-f]{8}$/);
  expect(idOf({ device: { name: 'lobby' } })).toBe(idOf({ device: { name: 'lobby' } }));
  expect(idOf({ camera: { fps: configSchema.parse({}).camera.fps } })).toBe(idOf({}));
});

test('another setting changes the id, a secret does not', () => {
  const names = ['lobby', 'hall'].map((name) => idOf({ device: { name } }));
  expect(names[0]).not.toBe(names[1]);
  const ids = ['a', 'b'].map((password) => idOf({ mqtt: { username: 'mien', password } }));
  expect(ids[0]).toBe(ids[1]);
  const addresses = ['one', 'two'].map((secret) => idOf({ camera: { source: `rtsp://mien:${secret}@10.0.0.7/1` } }));
  expect(addresses[0]).toBe(addresses[1]);
});

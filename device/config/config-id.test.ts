import { expect, test } from 'vitest';
import { configId } from './config-id.ts';
import { configSchema } from './schema.ts';

const idOf = (values: object) => configId(configSchema.parse(values));

test('equal settings have the same id, a default that is written out too', () => {
  expect(idOf({})).toMatch(/^[0-9a-f]{8}$/);
  expect(idOf({ camera: { fps: 7 } })).toBe(idOf({ camera: { fps: 7 } }));
  expect(idOf({ camera: { fps: configSchema.parse({}).camera.fps } })).toBe(idOf({}));
});

test('another setting changes the id, the name of the device and a secret do not', () => {
  const rates = [7, 8].map((fps) => idOf({ camera: { fps } }));
  expect(rates[0]).not.toBe(rates[1]);
  const names = ['lobby', 'hall'].map((name) => idOf({ device: { name } }));
  expect(names[0]).toBe(names[1]);
  const ids = ['a', 'b'].map((password) => idOf({ mqtt: { username: 'mien', password } }));
  expect(ids[0]).toBe(ids[1]);
  const addresses = ['one', 'two'].map((secret) => idOf({ camera: { source: `rtsp://mien:${secret}@10.0.0.7/1` } }));
  expect(addresses[0]).toBe(addresses[1]);
});

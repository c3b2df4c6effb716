import { expect, test } from 'vitest';
import { acceptsCommands } from './commands.ts';
import { configSchema } from './schema.ts';

test.each([
  [{}, true],
  [{ url: 'mqtt://localhost:1883' }, true],
  [{ url: 'mqtt://[::1]:1883' }, true],
  [{ url: 'mqtt://broker.example:1883' }, false],
  [{ url: 'mqtt://broker.example:1883', username: 'lobby' }, true],
  [{ url: 'mqtt://lobby:secret@broker.example:1883' }, true],
  [{ url: 'mqtts://broker.example:8883', tls: { cert: '/c.pem', key: '/k.pem' } }, true],
  [{ url: 'mqtts://broker.example:8883', tls: { ca: '/ca.pem' } }, false],
  [{ url: 'mqtt://broker.example:1883', commands: true }, true],
  [{ commands: false }, false],
])('with %j commands are accepted: %s', (mqtt, accepted) => {
  expect(acceptsCommands(configSchema.parse({ mqtt }).mqtt)).toBe(accepted);
});

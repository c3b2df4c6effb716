import { expect, test } from 'vitest';
import { requests, settables } from '../../../contract/mqtt/commands.ts';
import { mqttMessages } from '../../../contract/mqtt/topics.ts';
import { numbersFrom } from '../../../core/seeded-numbers.ts';
import { commandsOf } from '../../../lab/fixtures/commands.ts';

const topics = [
  ...Object.keys(requests).map((name) => `request/${name}`),
  ...Object.keys(settables).map((name) => `set/${name}`),
  'request/',
  'set/__proto__',
  'request/constructor',
  'request/toString',
  `request/${'x'.repeat(60_000)}`,
  'request/\u0001\n"',
];

const hostile = [
  '{"__proto__":{"fps":12,"name":"x"}}',
  '{"__proto__":null}',
  '{"constructor":{"prototype":{"paused":true}}}',
  '{"transaction":"\\ud800","hasOwnProperty":1}',
  '{"transaction":{"toString":1}}',
  '{"fps":1e309}',
  '{"fps":-0}',
  `{"fps":${'9'.repeat(4000)}}`,
  `{"sent_at":-1e308,"expires_s":0}`,
  `{"sent_at":1e308}`,
  '['.repeat(4096),
  `${'{"a":'.repeat(680)}1${'}'.repeat(680)}`,
  `{${Array.from({ length: 400 }, (_, n) => `"k${n}":${n}`).join()}}`,
  '"'.repeat(4096),
  '{"name":"../../etc/passwd"}',
  '{"name":"__proto__"}',
  '__proto__',
  '\u0000',
  'NaN',
  'Infinity',
  '-1',
  '1e2',
];

/** Bytes that resemble JSON now and then. */
function randomBytes(random: () => number): Uint8Array {
  const alphabet = '{}[]",:\\0123456789.eE+-truefalsn \n\u0000ON';
  const length = Math.floor(random() ** 3 * 5000);
  const any = random() < 0.5;
  return Uint8Array.from({ length }, () =>
    any ? Math.floor(random() * 256) : alphabet.charCodeAt(Math.floor(random() * alphabet.length)),
  );
}

test('any payload on any topic is answered with a response that matches its schema, and the object prototype stays', async () => {
  const random = numbersFrom(25);
  const payloads: (string | Uint8Array)[] = [...hostile, ...Array.from({ length: 300 }, () => randomBytes(random))];
  const { send, responses } = commandsOf();
  const prototype = JSON.stringify(Object.getOwnPropertyNames(Object.prototype));
  const { schema } = mqttMessages.response;
  const envelope = { schema: 4, device: 'd', ts: 1, boot_id: 'b', seq: 1, historical: false };
  for (const payload of payloads) {
    const topic = topics[Math.floor(random() * topics.length)]!;
    const response = await send(topic, payload);
    expect(response, `${topic} ${payload}`).toBeDefined();
    expect(schema.safeParse({ ...envelope, ...response }).success).toBe(true);
    expect(response!.error ?? '').not.toMatch(/[\n\r]/);
    expect(JSON.stringify(response).length).toBeLessThan(8000);
  }
  for (const topic of topics) for (const payload of hostile) expect(await send(topic, payload)).toBeDefined();
  expect(JSON.stringify(Object.getOwnPropertyNames(Object.prototype))).toBe(prototype);
  expect(responses.some(({ status }) => status === 'ok')).toBe(true);
});

import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { exitCode, MienError } from '../../../core/errors.ts';
import { commandsOf } from '../../../lab/fixtures/commands.ts';

test.each([
  ['request/pause', '{}', 'pause by mqtt', { paused: true }],
  ['request/resume', '{}', 'resume by mqtt', { paused: false }],
  ['request/restart-vision', '{}', 'restart by mqtt', undefined],
  ['request/rate', '{"fps":12.5}', 'limit 12.5 by mqtt', { fps: 12.5 }],
  ['request/rate', '{"fps":"none"}', 'limit undefined by mqtt', { fps: 'none' }],
  ['request/rate', '{"fps":null}', 'limit undefined by mqtt', { fps: 'none' }],
  ['request/profile', '{"name":"evening"}', 'profile evening by mqtt', { profile: 'evening' }],
  ['request/profile', '{"name":"none"}', 'profile undefined by mqtt', { profile: 'none' }],
  ['request/ping', '{}', undefined, { version: '1.2.3' }],
  ['request/snapshot', '{}', undefined, { frame: 7, ts: 1, jpeg: '/9j/' }],
  ['set/paused', 'ON', 'pause by mqtt', { paused: true }],
  ['set/paused', 'true', 'pause by mqtt', { paused: true }],
  ['set/paused', 'OFF', 'resume by mqtt', { paused: false }],
  ['set/paused', 'false', 'resume by mqtt', { paused: false }],
  ['set/rate', '10', 'limit 10 by mqtt', { fps: 10 }],
  ['set/rate', 'none', 'limit undefined by mqtt', { fps: 'none' }],
  ['set/profile', 'evening', 'profile evening by mqtt', { profile: 'evening' }],
  ['set/profile', '2026', 'profile 2026 by mqtt', { profile: '2026' }],
  ['set/profile', 'none', 'profile undefined by mqtt', { profile: 'none' }],
])('%s %s is carried out through the control, and answered', async (topic, payload, call, data) => {
  const { send, calls } = commandsOf();
  const response = await send(topic, payload);
  expect(calls).toEqual(call === undefined ? [] : [call]);
  const name = topic.split('/')[1];
  expect(response).toEqual({ name, command: topic, transaction: undefined, status: 'ok', ...(data && { data }) });
});

const schemas = 'The schema is in /api/v1/asyncapi.json';

test.each([
  ['request/ping', 'x', `Expected a JSON object such as {"transaction":"1"}, got "x". ${schemas}`],
  ['request/ping', '', `Expected a JSON object such as {"transaction":"1"}, got "". ${schemas}`],
  ['request/ping', '[1]', `Expected a JSON object such as {"transaction":"1"}, got "[1]". ${schemas}`],
  ['request/ping', 'null', `Expected a JSON object such as {"transaction":"1"}, got "null". ${schemas}`],
  ['request/ping', '{"a":1}', `request/ping: a: expected no such field, got 1. ${schemas}`],
  ['request/ping', '{"expires_s":5}', `request/ping: expires_s: expected sent_at beside it, got 5. ${schemas}`],
  ['request/ping', '{"transaction":7}', `request/ping: transaction: expected text, got 7. ${schemas}`],
  ['request/ping', ' '.repeat(5000), `Expected a payload of at most 4096 bytes, got 5000. ${schemas}`],
  ['request/ping', Uint8Array.of(0xff, 0xfe), `Expected text in UTF-8, got 2 other bytes. ${schemas}`],
  [
    'request/rate',
    '{"fps":1e400}',
    `request/rate: fps: expected a number of frames per second from 0.1 to 240, or none, got null. ${schemas}`,
  ],
  [
    'request/rate',
    '{}',
    `request/rate: fps: expected a number of frames per second from 0.1 to 240, or none, got nothing. ${schemas}`,
  ],
  ['set/paused', 'maybe', `set/paused: expected one of ON, OFF, true, false, got maybe. ${schemas}`],
  ['set/rate', '500', `set/rate: expected a number of at most 240, got 500. ${schemas}`],
  ['set/profile', '', `set/profile: expected text of at least 1 characters, got nothing. ${schemas}`],
  ['request/pin', '{}', 'There is no command "request/pin". Did you mean request/ping?'],
  [
    'request/dance/now',
    '{}',
    'There is no command "request/dance/now". Send one of request/pause, request/resume, request/restart-vision, request/rate, request/profile, request/ping, request/snapshot, set/paused, set/rate, set/profile',
  ],
])('%s %j is refused in one line, and audited', async (topic, payload, error) => {
  const { send, calls, refusals } = commandsOf();
  const response = await send(topic, payload);
  expect(response).toMatchObject({ command: topic, status: 'error', error });
  const isUnknown = error.startsWith('There is no');
  expect(response?.name).toBe(isUnknown ? 'unknown' : topic.split('/')[1]);
  expect(refusals).toEqual([{ request: isUnknown ? 'unknown' : topic, reason: error, unaudited: 0 }]);
  expect(calls).toEqual([]);
});

test('the response repeats the transaction, also of a refused request', async () => {
  const { send } = commandsOf();
  expect(await send('request/ping', '{"transaction":"a-1"}')).toMatchObject({ transaction: 'a-1', status: 'ok' });
  expect(await send('request/ping', '{"transaction":"a-2","x":1}')).toMatchObject({
    transaction: 'a-2',
    status: 'error',
  });
  expect(await send('request/ping', `{"transaction":"${'x'.repeat(200)}"}`)).toMatchObject({
    transaction: undefined,
    error: expect.stringContaining('transaction: expected text of at most 128 characters'),
  });
});

test('a retained command does nothing; deleting it with an empty message is not answered', async () => {
  const { send, calls, receive, responses, refusals } = commandsOf();
  expect(await send('request/pause', '{"transaction":"old"}', { isRetained: true })).toMatchObject({
    transaction: 'old',
    status: 'error',
    error:
      'A retained command is not carried out, because it may be old. Publish it without the retain flag, and delete the retained message with an empty one',
  });
  receive('request/pause', '', { isRetained: true });
  await turn();
  expect(responses).toHaveLength(1);
  expect(refusals).toMatchObject([{ request: 'request/pause', reason: expect.stringMatching(/^A retained command/) }]);
  expect(calls).toEqual([]);
});

test('a command whose message expiry passes before its turn does nothing', async () => {
  const { receive, responses, calls, refusals, clock } = commandsOf();
  receive('request/pause', '{}', { expiresS: 1 });
  receive('request/resume', '{}', { expiresS: 60 });
  clock.time += 2000;
  await turn();
  await turn();
  expect(responses).toMatchObject([
    { status: 'error', error: 'The command has expired: it waited for 2 s and was valid for 1 s. Send it again' },
    { status: 'ok' },
  ]);
  expect(calls).toEqual(['resume by mqtt']);
  expect(refusals).toMatchObject([
    { request: 'request/pause', reason: expect.stringMatching(/^The command has expired/) },
  ]);
});

test('a command with sent_at does nothing once it is old', async () => {
  const { send, calls, clock } = commandsOf();
  const sentAt = (ms: number, more = {}) => JSON.stringify({ sent_at: clock.now() - ms, ...more });
  expect(await send('request/pause', sentAt(61_000))).toMatchObject({
    error:
      'The command has expired: it is 61 s old and was valid for 60 s. Send it again. If it was new, compare the clocks of sender and device',
  });
  expect(await send('request/pause', sentAt(3000, { expires_s: 2 }))).toMatchObject({ status: 'error' });
  expect(calls).toEqual([]);
  expect(await send('request/pause', sentAt(59_000))).toMatchObject({ status: 'ok' });
  expect(await send('request/pause', sentAt(600_000, { expires_s: 3600 }))).toMatchObject({ status: 'ok' });
});

test('a command from the future does nothing: the clocks differ, so it may be old', async () => {
  const { send, calls, clock } = commandsOf();
  const sentIn = (ms: number, more = {}) => JSON.stringify({ sent_at: clock.now() + ms, ...more });
  expect(await send('request/pause', sentIn(86_400_000))).toMatchObject({
    error:
      'The command is from the future: it was sent in 86400 s, so its age is not known. Compare the clocks of sender and device, or omit sent_at',
  });
  expect(calls).toEqual([]);
  expect(await send('request/pause', sentIn(5000, { expires_s: 1 }))).toMatchObject({ status: 'ok' });
  expect(await send('request/pause', sentIn(600_000, { expires_s: 3600 }))).toMatchObject({ status: 'ok' });
});

test('of refused commands 20 at once and one per minute are audited, with the number of those between', async () => {
  const { send, refusals } = commandsOf();
  for (let second = 0; second < 80; second += 1) await send('request/pause', 'x');
  expect(refusals).toHaveLength(21);
  expect(refusals.map(({ unaudited }) => unaudited)).toEqual([...Array(20).fill(0), 40]);
});

test('what reached the control is not audited a second time, and a ping is logged at the level debug', async () => {
  const { send, refusals, log } = commandsOf({
    snapshots: { take: () => Promise.reject(new MienError('no', { code: exitCode.usage, remedy: 'Ask again' })) },
  });
  expect(await send('request/snapshot', '{}')).toMatchObject({ status: 'error' });
  await send('request/pause', '{}');
  await send('request/ping', '{}');
  expect(refusals).toEqual([]);
  expect(log.lines).toEqual([{ level: 'debug', text: 'Answers request/ping' }]);
});

test('a flood that lasts is logged once in 10 minutes', async () => {
  const { receive, log, clock } = commandsOf();
  for (let second = 0; second < 601; second += 1) {
    for (let count = 0; count < 100; count += 1) receive('request/ping', '{}');
    clock.time += 1000;
  }
  expect(log.lines.filter(({ level }) => level === 'warn')).toHaveLength(2);
});

test('of a flood 20 are carried out, the rest is refused with one answer a second, and then commands work again', async () => {
  const { receive, send, responses, calls, clock, log } = commandsOf();
  for (let count = 0; count < 1000; count += 1) receive('request/pause', '{}');
  for (let count = 0; count < 30; count += 1) await turn();
  expect(calls).toHaveLength(20);
  const error = 'Too many commands: at most 20 at once and 5 per second are accepted, 1 refused so far. Send fewer';
  expect(responses.filter(({ status }) => status === 'error')).toEqual([
    { name: 'pause', command: 'request/pause', status: 'error', error },
  ]);
  expect(log.lines).toEqual([{ level: 'warn', text: `MQTT commands: ${error}` }]);
  clock.time += 1000;
  expect(await send('request/resume', '{}')).toMatchObject({ status: 'ok' });
});

test('a command runs per turn of the event loop', async () => {
  const { receive, calls } = commandsOf();
  for (let count = 0; count < 3; count += 1) receive('request/pause', '{}');
  expect(calls).toHaveLength(0);
  await turn();
  expect(calls).toHaveLength(1);
  await turn();
  await turn();
  expect(calls).toHaveLength(3);
});

test('a stopped instance carries out nothing', async () => {
  const { commands, receive, calls, responses } = commandsOf();
  receive('request/pause', '{}');
  commands.stop();
  receive('request/pause', '{}');
  await turn();
  expect([...calls, ...responses]).toEqual([]);
});

test('a command that the device refuses is answered with its reason; an unexpected fault is logged, too', async () => {
  const refusal = new MienError('Expected one of the profiles none, got "x"', {
    code: exitCode.config,
    remedy: 'Make it',
  });
  const fail = (error: Error) => ({
    control: {
      pause: () => {
        throw error;
      },
      resume: () => undefined,
      restartVision: () => undefined,
      limitRate: () => undefined,
      refuse: () => undefined,
      applyProfile: () => {
        throw error;
      },
    },
  });
  const known = commandsOf(fail(refusal));
  expect(await known.send('set/profile', 'x')).toMatchObject({
    status: 'error',
    error: 'Expected one of the profiles none, got "x". Make it',
  });
  expect(known.log.lines).toEqual([]);
  const unknown = commandsOf(fail(new Error('EIO\n  at x')));
  expect(await unknown.send('request/pause', '{}')).toMatchObject({ status: 'error', error: 'EIO' });
  expect(unknown.log.lines).toEqual([{ level: 'error', text: 'request/pause failed: EIO' }]);
});

import { expect, test } from 'vitest';
import { failureOf, type GateQuestion, judge, passes } from './judge.ts';
import type { Observation } from './observation.ts';

const good: Observation = {
  ...{ active: true, restarts: 0, kioskActive: true, answer: 'all', reasons: [], status: 'ok' },
  ...{ version: '0.2.0', bootId: 'a', frame: 100, camera: 'online', p95Ms: 40, broker: 'connected' },
  ...{ screenAgeSeconds: 4, screenVisible: true },
};
const seen = { frames: 40, overMs: 2000 };
const verdict = (now: Partial<Observation>, more: Partial<GateQuestion> = {}) => {
  const checks = judge({ version: '0.2.0', before: good, seen, ...more, now: { ...good, ...now } });
  return Object.fromEntries(checks.map(({ check, ok }) => [check, ok]));
};
const fine = { version: true, frames: true, inference: true, broker: true, screen: true };

test('a device that does what it did before passes', () => {
  expect(verdict({})).toEqual(fine);
});

test.each<[string, Partial<Observation>, Partial<GateQuestion>, object]>([
  ['another version', { version: '0.1.0' }, {}, { version: false }],
  ['no answer', { answer: 'none' }, {}, { version: false }],
  ['an answer that wants a login', { answer: 'status' }, {}, { version: false }],
  ['too few frames', {}, { seen: { frames: 29, overMs: 2999 } }, { frames: false }],
  ['frames of a slow camera', {}, { seen: { frames: 2, overMs: 3000 } }, {}],
  ['a camera that is lost now', { camera: 'lost' }, {}, { frames: false }],
  ['frames that stand still', { status: 'failing' }, {}, { frames: false }],
  ['twice the time of before, above 250 ms', { p95Ms: 260 }, {}, { inference: false }],
  ['a slow board as slow as before', { p95Ms: 590 }, { before: { ...good, p95Ms: 300 } }, {}],
  ['a slow new board', { p95Ms: 590 }, { before: undefined }, { inference: null }],
  ['a broker that is gone', { broker: 'offline' }, {}, { broker: false }],
  [
    'a broker that was gone before',
    { broker: 'offline' },
    { before: { ...good, broker: 'offline' } },
    { broker: null },
  ],
  [
    'a new device without its broker',
    { broker: 'offline', brokerCode: 'broker-unreachable' },
    { before: undefined },
    { broker: null },
  ],
  [
    'a new device with a wrong password',
    { broker: 'offline', brokerCode: 'broker-refused' },
    { before: undefined },
    { broker: false },
  ],
  ['an old heartbeat', { screenAgeSeconds: 26 }, {}, { screen: false }],
  ['a hidden page', { screenVisible: false }, {}, { screen: false }],
  [
    'a screen that was dark before',
    { screenAgeSeconds: 99 },
    { before: { ...good, screenAgeSeconds: 99 } },
    { screen: null },
  ],
  ['no screen', { kioskActive: false }, {}, { screen: null }],
])('%s', (_what, now, more, differs) => {
  expect(verdict(now, more)).toEqual({ ...fine, ...differs });
});

test('a camera that saw nothing before is not judged', () => {
  const before = { ...good, camera: 'lost', frame: undefined };
  const now = { camera: 'lost', reasons: ['camera lost: no USB camera'] };
  expect(verdict(now, { before, seen: { frames: 0, overMs: 0 } })).toMatchObject({ frames: null });
  expect(verdict(now, { before: undefined, seen: { frames: 0, overMs: 0 } })).toMatchObject({ frames: false });
});

test('only what is wrong fails, and the failure names it', () => {
  const checks = judge({ version: '0.3.0', before: good, seen: { frames: 0, overMs: 0 }, now: good });
  expect(passes(checks)).toBe(false);
  expect(failureOf(checks)).toBe('version: expected 0.3.0, got 0.2.0; frames: 0 frames since this start');
  expect(passes(checks.map((check) => ({ ...check, ok: check.ok === false ? null : check.ok })))).toBe(true);
});

import { expect, test } from 'vitest';
import { LiveConfig } from '../config/live.ts';
import type { OverrideStore } from '../config/overrides.ts';
import { configSchema } from '../config/schema.ts';
import type { Actor, AuditRecord } from '../core/control.ts';
import { FakeClock, silentLog } from '../lab/fixtures/http-fixture.ts';
import { heardLog } from '../lab/fixtures/log.ts';
import { auditToLog } from './audit-log.ts';
import { DeviceControl, type DeviceControlDeps } from './control.ts';

const operator: Actor = { source: 'http', principal: 'session' };

/** A control whose parts record their calls. */
function setUp(change: Partial<DeviceControlDeps> = {}, overrides?: OverrideStore) {
  const calls: string[] = [];
  const records: AuditRecord[] = [];
  const control = new DeviceControl({
    settings: new LiveConfig(configSchema.parse({}), overrides),
    vision: {
      pause: (paused) => void calls.push(paused ? 'camera closes' : 'camera opens'),
      restart: (source) => void calls.push(`restart by ${source}`),
      limitRate: (fps) => void calls.push(`limit ${fps}`),
    },
    pauseMark: {
      isSet: false,
      keep: (paused) => {
        calls.push(paused ? 'mark written' : 'mark removed');
        return true;
      },
    },
    audit: (record) => records.push(record),
    clock: new FakeClock(),
    log: silentLog,
    ...change,
  });
  return { control, calls, records };
}

test('the camera closes before the disk is waited for, and opens after it', () => {
  const { control, calls } = setUp();
  control.pause(operator);
  control.resume(operator);
  expect(calls).toEqual(['camera closes', 'mark written', 'mark removed', 'camera opens']);
});

test('a pause from before the restart holds, without an audit record', () => {
  const { control, calls, records } = setUp({ pauseMark: { isSet: true, keep: () => true } });
  control.start();
  expect(calls).toEqual(['camera closes']);
  expect(records).toEqual([]);
});

test('each request is audited with its time, actor, action and outcome', () => {
  const { control, records } = setUp();
  const schedule: Actor = { source: 'schedule' };
  control.pause(operator);
  control.resume(schedule);
  control.restartVision({ source: 'mqtt' });
  control.changeSettings({ camera: { fps: 12 } }, { source: 'key' });
  control.resetSettings(undefined, operator);
  const ts = new FakeClock().now();
  expect(records).toEqual([
    { ts, actor: operator, action: 'pause', outcome: 'done' },
    { ts, actor: schedule, action: 'resume', outcome: 'done' },
    { ts, actor: { source: 'mqtt' }, action: 'restart-vision', outcome: 'done' },
    { ts, actor: { source: 'key' }, action: 'change-settings', outcome: 'done', details: { changed: ['camera.fps'] } },
    { ts, actor: operator, action: 'reset-settings', outcome: 'done', details: { changed: [] } },
  ]);
});

test('a pause or a setting that the disk refuses is in effect, and audited as not kept', () => {
  const refuse = () => {
    throw new Error('EROFS: read-only file system');
  };
  const store = { file: '/data/overrides.json', loaded: { values: new Map(), ignored: [] }, keep: refuse };
  const { control, calls, records } = setUp({ pauseMark: { isSet: false, keep: () => false } }, store);
  control.pause(operator);
  control.changeSettings({ camera: { fps: 12 } }, operator);
  expect(calls).toEqual(['camera closes']);
  expect(records).toMatchObject([
    { action: 'pause', outcome: 'not-kept' },
    { action: 'change-settings', outcome: 'not-kept', reason: expect.stringMatching(/ends with the daemon: .*EROFS/) },
  ]);
});

test('a request that fails is audited as failed, and thrown', () => {
  const vision = {
    pause: () => undefined,
    restart: () => {
      throw new Error('no such process');
    },
    limitRate: () => undefined,
  };
  const { control, records } = setUp({ vision });
  expect(() => control.restartVision(operator)).toThrow('no such process');
  expect(records).toMatchObject([{ action: 'restart-vision', outcome: 'failed', reason: 'no such process' }]);
});

test('a request that was refused before it reached an action is audited as failed', () => {
  const { control, records, calls } = setUp();
  control.refuse({ request: 'set/paused', reason: 'too old', unaudited: 3 }, { source: 'mqtt' });
  const details = { request: 'set/paused', unaudited: 3 };
  expect(records).toMatchObject([{ action: 'request', outcome: 'failed', reason: 'too old', details }]);
  expect(calls).toEqual([]);
});

test('a restart names its source', () => {
  const { control, calls } = setUp();
  control.restartVision({ source: 'mqtt' });
  control.restartVision(operator);
  expect(calls).toEqual(['restart by an MQTT command', 'restart by an operator']);
});

test('a profile is one audited action; an unknown one is audited as failed', () => {
  const profiles = { evening: { 'camera.fps': 10, 'kiosk.theme': 'contrast' } };
  const { control, records } = setUp({ settings: new LiveConfig(configSchema.parse({ profiles })) });
  control.applyProfile('evening', { source: 'mqtt' });
  control.applyProfile(undefined, { source: 'schedule' });
  expect(() => control.applyProfile('night', operator)).toThrow(
    'Expected one of the profiles evening, none, got "night"',
  );
  expect(records).toMatchObject([
    {
      action: 'apply-profile',
      outcome: 'done',
      details: { profile: 'evening', changed: ['camera.fps', 'kiosk.theme'] },
    },
    { action: 'apply-profile', outcome: 'done', details: { profile: 'none', changed: [] } },
    { action: 'apply-profile', outcome: 'failed', reason: expect.stringContaining('got "night"') },
  ]);
});

test('the lowest rate limit of all sources holds', () => {
  const { control, calls } = setUp();
  control.limitRate(10, { source: 'governor' });
  control.limitRate(20, { source: 'mqtt' });
  control.limitRate(30, { source: 'governor' });
  control.limitRate(undefined, { source: 'mqtt' });
  control.limitRate(undefined, { source: 'governor' });
  expect(calls).toEqual(['limit 10', 'limit 10', 'limit 20', 'limit 30', 'limit Infinity']);
});

test('the audit log: one line per request, with the source, and no session id', () => {
  const log = heardLog();
  const { control } = setUp({ audit: auditToLog(log) });
  control.pause(operator);
  control.resume({ source: 'schedule' });
  control.limitRate(10, { source: 'governor' });
  control.refuse({ request: 'request/ping', reason: 'too old', unaudited: 0 }, { source: 'mqtt' });
  expect(log.lines).toEqual([
    { level: 'info', text: 'Paused by an operator' },
    { level: 'info', text: 'Resumed by the schedule' },
    { level: 'debug', text: 'Frame rate limited by the governor' },
    { level: 'error', text: 'Request made by an MQTT command: failed' },
  ]);
});

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { StateBoard } from '../../core/state.ts';
import { FakeClock } from '../../lab/fixtures/http-fixture.ts';
import { heardLog } from '../../lab/fixtures/log.ts';
import { VisionRecord } from '../../vision/supervise/vision-record.ts';
import type { Health } from '../health.ts';
import { notifySocket, watchdogIntervalMs } from './notify-socket.ts';
import { ServiceNotices } from './service-notices.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp({ isWatched = true, fails = false } = {}) {
  const clock = new FakeClock();
  const log = heardLog();
  const sent: string[] = [];
  const health = { status: 'ok', reasons: [] as string[], frames: { unchangedMs: 0 } };
  const record = new VisionRecord();
  const notify = (...lines: readonly string[]) => {
    if (fails) throw Object.assign(new Error('EPIPE: broken pipe, write'), { code: 'EPIPE' });
    sent.push(lines.join('\n'));
  };
  const vision = { record, patienceMs: 5000 };
  const check = () => health as Health;
  const board = new StateBoard('demo');
  const notices = new ServiceNotices({
    board,
    clock,
    log,
    vision,
    health: { check },
    notify,
    watchdogMs: isWatched ? 9000 : undefined,
  });
  const pass = (s: number, isAnswered = true) => {
    for (let at = 0; at < s; at += 3) {
      if (isAnswered) record.addMessage({ type: 'opening' });
      clock.time += 3000;
      vi.advanceTimersByTime(3000);
    }
  };
  return { notices, sent, health, log, pass };
}

test('tells that it is ready, feeds the watchdog at a third of its interval, and tells that it stops', () => {
  const { notices, sent, pass } = setUp();
  notices.start();
  expect(sent.splice(0)).toEqual(['READY=1\nSTATUS=ok']);
  pass(9);
  expect(sent.splice(0)).toEqual(['WATCHDOG=1', 'WATCHDOG=1', 'WATCHDOG=1']);
  notices.stop();
  pass(9);
  expect(sent).toEqual(['STOPPING=1']);
});

test('the status line has the first reason in one line, and is sent when it changes', () => {
  const { notices, sent, health, pass } = setUp({ isWatched: false });
  notices.start();
  Object.assign(health, { status: 'degraded', reasons: [`camera lost:\nREADY=0 ${'x'.repeat(300)}`, 'more'] });
  pass(60);
  expect(sent).toHaveLength(2);
  expect(sent[1]).toMatch(/^STATUS=degraded: camera lost: READY=0 x+\.\.\.$/);
});

test('work that stands still is fed no longer; the log says so once, and feeding goes on with the work', () => {
  const { notices, sent, log, pass } = setUp();
  notices.start();
  pass(60, false);
  expect(sent.filter((text) => text === 'WATCHDOG=1').length).toBeLessThan(8);
  expect(log.lines).toEqual([{ level: 'error', text: 'Neither the work nor its repair goes on: restart expected' }]);
  sent.length = 0;
  pass(9);
  expect(sent).toContain('WATCHDOG=1');
});

test('a socket that takes nothing is logged once', () => {
  const { notices, log, pass } = setUp({ fails: true });
  notices.start();
  pass(60);
  notices.stop();
  expect(log.lines).toEqual([{ level: 'warn', text: 'systemd takes no notification: EPIPE: broken pipe, write' }]);
});

test('without a socket nothing happens', () => {
  const { log } = setUp();
  const vision = { record: new VisionRecord(), patienceMs: 5000 };
  const health = { check: () => expect.unreachable() };
  const notices = new ServiceNotices({ board: new StateBoard('demo'), clock: new FakeClock(), log, vision, health });
  notices.start();
  expect(vi.getTimerCount()).toBe(0);
  notices.stop();
  expect(log.lines).toEqual([]);
});

test('a descriptor counts only if it is for this process, has the right name and is a socket', () => {
  const own = { LISTEN_PID: String(process.pid), LISTEN_FDS: '1', LISTEN_FDNAMES: 'notify' };
  expect(notifySocket({})).toBeUndefined();
  expect(notifySocket({ ...own, LISTEN_PID: '1' })).toBeUndefined();
  expect(notifySocket({ ...own, LISTEN_FDNAMES: 'http' })).toBeUndefined();
  expect(notifySocket({ ...own, LISTEN_FDS: '0' })).toBeUndefined();
  const names = `${'other:'.repeat(900)}notify`;
  expect(notifySocket({ ...own, LISTEN_FDS: '901', LISTEN_FDNAMES: names })).toBeUndefined();
});

test('a watchdog of another process is not ours', () => {
  expect(watchdogIntervalMs({ WATCHDOG_USEC: '10000000' })).toBe(10_000);
  expect(watchdogIntervalMs({ WATCHDOG_USEC: '10000000', WATCHDOG_PID: String(process.pid) })).toBe(10_000);
  expect(watchdogIntervalMs({ WATCHDOG_USEC: '10000000', WATCHDOG_PID: '1' })).toBeUndefined();
  for (const none of ['', '0', 'x']) expect(watchdogIntervalMs({ WATCHDOG_USEC: none })).toBeUndefined();
});

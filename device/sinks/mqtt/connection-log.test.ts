import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { ConnectionLog } from './connection-log.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function start() {
  const lines: string[] = [];
  const write = (line: string) => lines.push((JSON.parse(line) as { msg: string }).msg);
  const log = pino({ level: 'info' }, { write });
  return { log: new ConnectionLog({ log, clock: systemClock, url: 'mqtt://user:s3cret@127.0.0.1' }), lines };
}

const up = 'connected to the broker';

test('a connection that comes and goes every few seconds is written once in ten minutes', () => {
  const { log, lines } = start();
  for (let second = 0; second < 1195; second += 4) {
    log.connected();
    vi.advanceTimersByTime(2000);
    log.failed('replaced');
    vi.advanceTimersByTime(2000);
  }
  expect(lines).toEqual([up, 'replaced', up, 'replaced']);
});

test('when it stays at last, that is written', () => {
  const { log, lines } = start();
  log.connected();
  log.failed('replaced');
  log.connected();
  expect(lines).toEqual([up, 'replaced']);
  vi.advanceTimersByTime(10_000);
  expect(lines).toEqual([up, 'replaced', up]);
});

test('after a stable connection each line is written again', () => {
  const { log, lines } = start();
  for (let outage = 0; outage < 3; outage += 1) {
    log.connected();
    vi.advanceTimersByTime(20_000);
    log.failed('no broker');
    vi.advanceTimersByTime(2000);
    log.failed('no broker');
  }
  expect(lines).toEqual([up, 'no broker', up, 'no broker', up, 'no broker']);
});

test('a connection that was ended is not written', () => {
  const { log, lines } = start();
  log.connected();
  log.failed('replaced');
  log.connected();
  log.ended();
  vi.advanceTimersByTime(60_000);
  expect(lines).toEqual([up, 'replaced']);
});

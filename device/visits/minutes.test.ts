import { expect, test } from 'vitest';
import { StateBoard } from '../core/state.ts';
import { handClock, reading, START, visit } from '../lab/fixtures/store.ts';
import { createMinuteLog } from './minutes.ts';

/** START is 20 s after a full minute. */
const full = START - 20_000;

function logOf() {
  const clock = handClock();
  const board = new StateBoard('test');
  board.update('camera', { state: 'online' });
  board.update('vision', { state: 'running', modelId: 'net@1' });
  const log = createMinuteLog({ bootId: 'boot', clock, board, configId: () => 'c1' });
  const pass = (seconds: number) => {
    const ended = [];
    for (let second = 0; second < seconds; second += 1) {
      clock.pass(1000);
      ended.push(...log.tick());
    }
    return ended;
  };
  return { log, clock, board, pass };
}

test('START is 20 s after a full minute', () => {
  expect(full % 60_000).toBe(0);
});

test('the first record is the rest of its minute, the next ones are full minutes', () => {
  const { pass } = logOf();
  const ended = pass(105);
  expect(ended).toMatchObject([
    { id: 'boot-m1', seq: 1, startedAt: START, endedAt: full + 60_000, durationMs: 40_000, watchedMs: 40_000 },
    { id: 'boot-m2', seq: 2, startedAt: full + 60_000, endedAt: full + 120_000, durationMs: 60_000 },
  ]);
  expect(ended[0]).toMatchObject({ model: 'net@1', config: 'c1', people: 0, shownMs: {}, ended: {} });
});

test('the time is watched, blind or paused, and the three make the duration', () => {
  const { pass, board } = logOf();
  pass(10);
  board.update('camera', { state: 'lost' });
  pass(5);
  board.update('camera', { state: 'online' });
  board.update('vision', { state: 'restarting' });
  pass(7);
  board.update('camera', { state: 'paused' });
  const [minute] = pass(20);
  expect(minute).toMatchObject({ durationMs: 40_000, watchedMs: 10_000, blindMs: 12_000, pausedMs: 18_000 });
});

test('face-time per label follows the readings, at most a second per step, also over a new vision process', () => {
  const { log } = logOf();
  log.onReading(reading(0, 1, 2));
  log.onReading(reading(500, 1));
  log.onReading(reading(10_000));
  log.onReading(reading(11_000, 1));
  log.onReading(reading(0, 1));
  log.onReading(reading(200, 1));
  expect(log.ongoing()).toMatchObject({ people: 2, shownMs: { happy: 2 * 500 + 1000 + 200 } });
});

test('a visit counts as begun once, in the minute in which it became long enough', () => {
  const { log, pass } = logOf();
  log.onStays([visit(1, { track: 5 })]);
  log.onStays([visit(1, { track: 5 })]);
  const [first] = pass(41);
  log.onVisit(visit(1, { track: 5, dwellMs: 45_000 }));
  // Too short for a snapshot.
  log.onVisit(visit(2, { track: 6, dominant: 'sad', dwellMs: 500 }));
  const [second] = pass(60);
  expect(first).toMatchObject({ visitsBegun: 1, visitsEnded: 0, dwellMs: 0 });
  expect(second).toMatchObject({
    visitsBegun: 1,
    visitsEnded: 2,
    dwellMs: 45_500,
    ended: { happy: { visits: 1, dwellMs: 45_000 }, sad: { visits: 1, dwellMs: 500 } },
  });
});

test.each([-10, 10])('a clock that jumps by %i years ends the record; its duration stays right', (years) => {
  const { clock, pass } = logOf();
  pass(10);
  clock.jump(years * 365 * 86_400_000);
  const [cutOff] = pass(1);
  expect(cutOff).toMatchObject({ startedAt: START, endedAt: START + 11_000, durationMs: 11_000 });
  const [next] = pass(60);
  expect(next!.startedAt).toBe(START + 11_000 + years * 365 * 86_400_000);
});

test('the shutdown ends the minute in progress; an empty one makes no record', () => {
  const { log, clock } = logOf();
  expect(log.flush()).toEqual([]);
  clock.pass(2500);
  expect(log.flush()).toMatchObject([{ durationMs: 2500, startedAt: START, endedAt: START + 2500 }]);
});

import Sqlite from 'better-sqlite3';
import { expect, test, vi } from 'vitest';
import { handClock, keepDays, reading, START, stored, testStores, visit } from '../../../lab/fixtures/store.ts';
import type { SqliteSink } from '../sqlite.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const { build } = testStores();

/** A boot of the device with its own clock, which begins `ms` after START. */
async function boot(name: string, ms: number, before?: (sink: SqliteSink) => void) {
  const clock = handClock();
  clock.jump(ms);
  const store = build({ bootId: name, keep: keepDays(30), keepUnpublished: false, clock });
  await store.sink.start();
  /** Runs for some hours, with a few ticks per hour instead of one per second. */
  const run = (hours: number) => {
    for (let tick = 0; tick < hours; tick += 1) {
      clock.pass(HOUR);
      vi.advanceTimersByTime(3000);
    }
  };
  before?.(store.sink);
  vi.advanceTimersByTime(3000);
  return { ...store, clock, run };
}

/** A store with one visit for each of the 30 days before START, after an hour of running with a right clock. */
async function thirtyDays() {
  // The visits are written before the first tick, as if they were from earlier boots.
  const first = await boot('first', 0, (sink) => {
    for (let day = 29; day >= 0; day -= 1) addVisit(sink, 30 - day, START - day * DAY - HOUR);
  });
  first.run(1);
  return first;
}

function addVisit(sink: SqliteSink, seq: number, startedAt: number, bootId = 'first') {
  sink.onVisit?.(visit(seq, { id: `${bootId}-${seq}`, bootId, startedAt, endedAt: startedAt + 900 }));
}

const visitsIn = (file: string) => stored(file).visits.length;

test.each([
  ['ahead', 60],
  ['far ahead', 4000],
])(
  'after a start with the clock %s nothing is deleted for a day of running; restarts do not shorten it',
  async (_name, days) => {
    const { sink, file } = await thirtyDays();
    await sink.stop();
    for (let restart = 0; restart < 5; restart += 1) {
      const next = await boot(`wrong-${restart}`, days * DAY + restart * HOUR);
      next.run(4);
      expect(visitsIn(file)).toBe(30);
      if (restart === 0)
        expect(next.lines.join()).toMatch(/the clock is \d+\.\d days ahead of the log; .* 24 more hours/);
      await next.sink.stop();
    }
    // The clock was right (the device was off for long): retention goes on, a day of the log per hour.
    const last = await boot('right', days * DAY + DAY);
    last.run(3);
    expect(visitsIn(file)).toBe(30);
    last.run(2);
    expect(visitsIn(file)).toBeGreaterThan(26);
    expect(visitsIn(file)).toBeLessThan(30);
    last.run(40);
    expect(visitsIn(file)).toBe(0);
  },
);

test('the wait survives restarts to the minute, and ends when the clock is right again', async () => {
  const first = await thirtyDays();
  await first.sink.stop();
  const wrong = await boot('wrong', 60 * DAY);
  wrong.run(20);
  const waitMs = (file: string) => {
    const database = new Sqlite(file, { readonly: true });
    const ms = database.prepare('SELECT wait_ms FROM clock_state').pluck().get() as number;
    database.close();
    return ms;
  };
  expect(waitMs(first.file)).toBe(4 * HOUR);
  await wrong.sink.stop();
  const right = await boot('right', 2 * HOUR);
  expect(waitMs(first.file)).toBe(0);
  right.run(30 * 24);
  // Retention works as usual: the visits of the first hours of the log are due now.
  expect(visitsIn(first.file)).toBeLessThan(2);
});

test('without a stored clock state the newest row is the reference', async () => {
  const first = await thirtyDays();
  await first.sink.stop();
  const database = new Sqlite(first.file);
  database.exec('DELETE FROM clock_state; DELETE FROM clock_marks; UPDATE boots SET started_at = 0');
  database.close();
  const next = await boot('next', 60 * DAY);
  next.run(23);
  expect(visitsIn(first.file)).toBe(30);
});

test('rows logged before a wrong clock was set keep their real age', async () => {
  const past = 1_000_000_000 - START;
  const first = await boot('first', past);
  addVisit(first.sink, 1, first.clock.now());
  first.sink.onReading?.({ ...reading(0, 1), ts: first.clock.now() });
  first.run(2);
  addVisit(first.sink, 2, first.clock.now());
  first.clock.jump(-past);
  first.run(25);
  expect(visitsIn(first.file)).toBe(2);
  first.run(28 * 24);
  expect(visitsIn(first.file)).toBe(2);
  // They are due four days later.
  first.run(4 * 24);
  expect(visitsIn(first.file)).toBe(0);
  expect(stored(first.file).samples).toEqual([]);
});

test.each([
  ['forwards', 400],
  ['backwards', -400],
])('a clock that jumps %s delays the retention by one day', async (_name, days) => {
  const clock = handClock();
  const { sink, file, lines } = build({ keep: keepDays(2), keepUnpublished: false, clock });
  await sink.start();
  sink.onVisit?.(visit(1));
  vi.advanceTimersByTime(2000);
  clock.jump(days * 86_400_000);
  sink.onVisit?.(visit(2, { startedAt: clock.now() - 3 * 86_400_000 }));
  vi.advanceTimersByTime(2000);
  clock.pass(23 * 3_600_000);
  vi.advanceTimersByTime(2000);
  expect(stored(file).visits).toHaveLength(2);
  expect(lines.filter((line) => line.startsWith('the clock moved by'))).toHaveLength(1);
  clock.jump(2 * 3_600_000);
  vi.advanceTimersByTime(2000);
  expect(stored(file).visits).toHaveLength(2);
  clock.pass(3_600_000);
  vi.advanceTimersByTime(2000);
  // The second visit was logged in this boot, whatever its time: it is kept for another day.
  expect(stored(file).visits.map(({ seq }) => seq)).toEqual(days > 0 ? [2] : [2, 1]);
  clock.pass(2 * 86_400_000);
  vi.advanceTimersByTime(2000);
  expect(stored(file).visits.map(({ seq }) => seq)).toEqual([]);
});

test('a further jump during the wait does not lengthen it', async () => {
  const { sink, clock, lines, file, run } = await thirtyDays();
  addVisit(sink, 100, clock.now());
  run(3);
  clock.jump(60 * DAY);
  run(1);
  clock.jump(60 * DAY);
  run(22);
  expect(visitsIn(file)).toBe(31);
  expect(lines.filter((line) => line.startsWith('the clock moved by'))).toHaveLength(1);
  // The last visit was logged in this boot: it is kept for 29 more days, whatever the clock says.
  run(28 * 24);
  expect(stored(file).visits.map(({ seq }) => seq)).toEqual([100]);
  run(3 * 24);
  expect(visitsIn(file)).toBe(0);
});

test('a clock that jumps back and forth deletes no row too early', async () => {
  const { clock, file, run } = await thirtyDays();
  for (const days of [-400, 400, 1000, -1000]) {
    clock.jump(days * DAY);
    run(3);
  }
  expect(visitsIn(file)).toBe(30);
});

test('a second jump, after the first was corrected, deletes no row too early, and retention goes on', async () => {
  const { clock, file, lines, run } = await thirtyDays();
  const jumps = () => lines.filter((line) => line.startsWith('the clock moved by')).length;
  const jumpAndCorrect = (days: number) => {
    clock.jump(days * DAY);
    run(3);
    clock.jump(-days * DAY);
    run(2);
  };
  jumpAndCorrect(60);
  expect([visitsIn(file), jumps()]).toEqual([30, 1]);
  // The wait is over, the clock is trusted again, and one visit is due.
  run(24);
  expect(visitsIn(file)).toBe(29);
  // The second jump is detected too, and the wait starts again.
  jumpAndCorrect(60);
  expect([visitsIn(file), jumps()]).toEqual([29, 2]);
  run(17);
  expect(visitsIn(file)).toBe(29);
  // From then on one visit is due per day.
  run(3);
  expect(visitsIn(file)).toBe(28);
  run(24);
  expect(visitsIn(file)).toBe(27);
  run(30 * 24);
  expect(visitsIn(file)).toBe(0);
});

test('rows with a future time of a wrong clock are deleted at their real age', async () => {
  const { clock, sink, file, run } = await thirtyDays();
  clock.jump(5000 * DAY);
  addVisit(sink, 100, clock.now());
  run(1);
  clock.jump(-5000 * DAY);
  run(29 * 24);
  expect(stored(file).visits.map(({ seq }) => seq)).toContain(100);
  run(4 * 24);
  expect(stored(file).visits).toEqual([]);
});

test('at most a day of the log is deleted per hour, also after the retention was shortened', async () => {
  const first = await thirtyDays();
  await first.sink.stop();
  const clock = handClock();
  const next = build({ bootId: 'next', keep: keepDays(1), keepUnpublished: false, clock });
  await next.sink.start();
  vi.advanceTimersByTime(10_000);
  expect(visitsIn(first.file)).toBe(29);
  clock.pass(HOUR);
  vi.advanceTimersByTime(10_000);
  expect(visitsIn(first.file)).toBe(28);
});

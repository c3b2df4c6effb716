import { setImmediate as nextTurn } from 'node:timers/promises';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { endVisit, memoryOutbox } from '../../lab/fixtures/mqtt-sink.ts';
import { minute } from '../../lab/fixtures/store.ts';
import { RecordPump } from './record-pump.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

/** A pump whose broker refuses the kinds in `refused`, with what it tried and published. */
function startPump() {
  const outbox = memoryOutbox();
  const lines: string[] = [];
  const refused = new Set<string>();
  const tried: string[] = [];
  const published: { kind: string; historical: boolean }[] = [];
  const pump = new RecordPump({
    outbox,
    clock: systemClock,
    log: pino({ level: 'info' }, { write: (line: string) => lines.push(line) }),
    isConnected: () => true,
    publish: async ({ kind }, historical) => {
      tried.push(kind);
      if (refused.has(kind)) throw new Error('Not authorized');
      published.push({ kind, historical });
    },
  });
  pump.start();
  const pass = async (ms: number) => {
    await nextTurn();
    await vi.advanceTimersByTimeAsync(ms);
    await nextTurn();
  };
  return { outbox, lines, refused, tried, published, pump, pass };
}

test.each(['visit', 'minute'] as const)('a broker that refuses each %s gets the other records', async (kind) => {
  const { outbox, lines, refused, published, pump, pass } = startPump();
  for (let seq = 1; seq <= 30; seq += 1) {
    endVisit([outbox], seq);
    outbox.records.push({ kind: 'minute', minute: minute(seq) });
  }
  refused.add(kind);
  await pass(0);
  expect(published).toHaveLength(30);
  expect(outbox.records.every((record) => record.kind === kind)).toBe(true);
  // Several tries later.
  await pass(60_000);
  expect(lines).toHaveLength(1);
  refused.clear();
  await pass(5000);
  expect(outbox.records).toEqual([]);
  expect(published).toHaveLength(60);
  await pump.stop();
});

test('a new record of the other kind does not wait for the next try, and brings that no sooner', async () => {
  const { outbox, refused, tried, published, pump, pass } = startPump();
  outbox.records.push({ kind: 'minute', minute: minute(1) });
  refused.add('minute');
  pump.run();
  await pass(1000);
  for (let seq = 1; seq <= 3; seq += 1) {
    endVisit([outbox], seq);
    await pass(1000);
    expect(published).toHaveLength(seq);
  }
  expect(tried.filter((kind) => kind === 'minute')).toHaveLength(1);
  await pass(1500);
  expect(tried.filter((kind) => kind === 'minute')).toHaveLength(2);
  await pump.stop();
});

test('a new connection tries refused records at once', async () => {
  const { outbox, refused, published, pump, pass } = startPump();
  refused.add('visit');
  endVisit([outbox], 1);
  await pass(1000);
  refused.clear();
  pump.connectionLost();
  pump.run();
  await pass(0);
  expect(published).toEqual([{ kind: 'visit', historical: true }]);
  await pump.stop();
});

test.each([
  [4, false],
  [60, true],
])('a record that is refused for %i s is historical: %s', async (seconds, historical) => {
  const { outbox, refused, published, pump, pass } = startPump();
  refused.add('visit');
  endVisit([outbox], 1);
  await pass(seconds * 1000);
  refused.clear();
  await pass(5000);
  expect(published).toEqual([{ kind: 'visit', historical }]);
  await pump.stop();
});

test('an outbox that cannot be read is tried again, with one line in the log', async () => {
  const { outbox, lines, published, pump, pass } = startPump();
  const waiting = vi.spyOn(outbox, 'waiting').mockImplementation(() => {
    throw new Error('disk I/O error');
  });
  endVisit([outbox], 1);
  await pass(20_000);
  expect(lines.join()).toContain('records wait in the outbox: disk I/O error');
  expect(lines).toHaveLength(1);
  expect(waiting.mock.calls.length).toBeLessThan(6);
  waiting.mockRestore();
  await pass(5000);
  expect(published).toHaveLength(1);
  await pump.stop();
});

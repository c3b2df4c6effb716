import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../core/clock.ts';
import type { MinuteLog, Receiver, VisitLog } from '../core/sink.ts';
import { StateBoard } from '../core/state.ts';
import type { Outbox } from '../core/store.ts';
import type { Visit } from '../core/types.ts';
import { silentLog } from '../lab/fixtures/http-fixture.ts';
import { heardLog } from '../lab/fixtures/log.ts';
import { scratchFolder } from '../lab/fixtures/scratch.ts';
import { keepDays, minute, reading, visit, waitingVisits } from '../lab/fixtures/store.ts';
import { createVisitLog } from '../visits/visits.ts';
import { Delivery } from './delivery.ts';
import { RecordPump } from './mqtt/record-pump.ts';
import { createSqliteSink } from './sqlite/sqlite.ts';

/** A visit log whose results the test chooses. */
function visitLogOf(change: Partial<VisitLog> = {}): VisitLog {
  return { update: () => [], tick: () => [], flush: () => [], ongoing: () => [], ...change };
}

/** A log of minutes without any. */
function minuteLogOf(change: Partial<MinuteLog> = {}): MinuteLog {
  const nothing = () => {};
  const none = { onReading: nothing, onVisit: nothing, onStays: nothing, tick: () => [], flush: () => [] };
  return { ...none, ongoing: () => minute(9), ...change };
}

const base = { minutes: minuteLogOf(), log: silentLog, tickMs: 1000, sampleMs: 1000 };

function recordingReceiver(name: string) {
  const calls: string[] = [];
  const receiver: Receiver = {
    name,
    onReading: ({ frame }) => void calls.push(`reading ${frame}`),
    onVisit: ({ id }) => void calls.push(`visit ${id}`),
    onStays: (stays) => void calls.push(`stays ${stays.length}`),
  };
  return { calls, receiver };
}

describe('all receivers', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('get the readings, and the visits that end with a reading, later and at the shutdown', () => {
    const { calls, receiver } = recordingReceiver('a');
    const visits = visitLogOf({
      update: () => [visit(1)],
      tick: () => [visit(2)],
      flush: () => [visit(3)],
      ongoing: () => [visit(4), visit(5)],
    });
    const delivery = new Delivery({ ...base, visits, receivers: [receiver] });
    delivery.start();
    delivery.onReading(reading(7));
    vi.advanceTimersByTime(1000);
    delivery.stop();
    vi.advanceTimersByTime(5000);
    expect(calls).toEqual(['reading 7', 'visit boot-1', 'stays 2', 'visit boot-2', 'visit boot-3']);
  });

  test('a receiver that throws is logged, and the others get the value', () => {
    const log = heardLog();
    const { calls, receiver } = recordingReceiver('b');
    const broken: Receiver = {
      name: 'a',
      onReading: () => {
        throw new Error('broken');
      },
    };
    new Delivery({ ...base, visits: visitLogOf(), receivers: [broken, receiver], log }).onReading(reading(7));
    expect(calls).toEqual(['reading 7', 'stays 0']);
    expect(log.lines).toEqual([{ level: 'error', text: 'A sink failed' }]);
  });
});

test.each([60, 100, 250, 1000, 1700])(
  'with a reading every %i ms, each reported stay is less than a sampling interval old',
  (step) => {
    const reports: number[] = [];
    const receiver: Receiver = { name: 'a', onStays: ([stay]) => void reports.push(stay!.dwellMs) };
    const visits = createVisitLog({ gapMs: 20_000, minDwellMs: 0, bootId: 'boot' });
    const delivery = new Delivery({ ...base, visits, receivers: [receiver] });
    delivery.onReading(reading(0, 1));
    for (let mono = step; mono <= 20 * step; mono += step) {
      delivery.onReading(reading(mono, 1));
      expect(mono - (reports.at(-1) ?? 0)).toBeLessThan(1000);
    }
    expect(reports.length).toBeLessThanOrEqual((20 * step) / 900 + 1);
    // The clock of a new vision process starts again.
    reports.splice(0);
    delivery.onReading(reading(5, 1));
    delivery.onReading(reading(905, 1));
    expect(reports).toEqual([900]);
  },
);

/** A publisher of the visits in the outbox. As a receiver it ignores visits. */
function publisherOf(outbox: Outbox, published: Visit[]) {
  const pump = new RecordPump({
    outbox,
    clock: systemClock,
    log: silentLog,
    isConnected: () => true,
    publish: async (record) => void (record.kind === 'visit' && published.push(record.visit)),
  });
  return { name: 'publisher', start: () => pump.start(), stop: () => pump.stop() };
}

test.each([
  ['before', (a: Receiver, b: Receiver) => [a, b]],
  ['after', (a: Receiver, b: Receiver) => [b, a]],
])('a visit is published at once with the log %s the publisher', async (_where, inOrder) => {
  const store = createSqliteSink({
    file: join(scratchFolder(), 'mien.db'),
    ...{ sampleMs: 1000, keep: keepDays(30_000), bootId: 'boot' },
    ...{ clock: systemClock, log: silentLog, board: new StateBoard('test') },
  });
  await store.start();
  const published: Visit[] = [];
  const publisher = publisherOf(store, published);
  publisher.start();
  const visits = visitLogOf({ update: () => [visit(1)] });
  const receivers = inOrder(store, publisher);
  new Delivery({ ...base, visits, receivers }).onReading(reading(7));
  await vi.waitFor(() => expect(published.map(({ id }) => id)).toEqual(['boot-1']), { timeout: 15_000 });
  expect(waitingVisits(store, 10)).toEqual([]);
  await publisher.stop();
  await store.stop();
});

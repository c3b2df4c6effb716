import { expect, test } from 'vitest';
import { bucketBoundsMs, DurationCounter } from '../../core/duration-counts.ts';
import { FakeVision } from '../../lab/fixtures/fake-vision.ts';
import { until } from '../../lab/fixtures/mien.ts';
import { faultKinds } from './run.ts';
import { VisionRecord } from './vision-record.ts';

const vision = new FakeVision();
const length = bucketBoundsMs.length + 1;

function counts(...durationsMs: number[]) {
  const counter = new DurationCounter();
  for (const ms of durationsMs) counter.add(ms);
  return counter;
}

function totals(processed: number, stages: Record<string, DurationCounter>) {
  return { processed, dropped: 2, skipped: 1, latency: counts(9), stages };
}

test('counts of a new run are added to those of the ended ones, also for stages that only one of them had', () => {
  const record = new VisionRecord();
  expect(record.totals).toMatchObject({ processed: 0, stages: {} });
  record.addStats({ totals: totals(10, { detect: counts(4), encode: counts(1) }) });
  record.addStats({ totals: totals(20, { detect: counts(4, 5), encode: counts(1) }) });
  record.addEnd('memory');
  expect(record.totals.processed).toBe(20);
  record.addStats({ totals: totals(3, { detect: counts(6), track: counts(0.1) }) });
  expect(record.totals).toMatchObject({ processed: 23, dropped: 4, skipped: 2 });
  expect(record.totals.latency.sumMs).toBe(18);
  expect(Object.entries(record.totals.stages).map(([stage, { sumMs }]) => [stage, sumMs])).toEqual([
    ['detect', 15],
    ['encode', 1],
    ['track', 0.1],
  ]);
});

test('restarts are counted by kind, and every kind is listed from the start', () => {
  const record = new VisionRecord();
  record.addEnd('silent');
  record.addEnd('silent');
  record.addEnd('requested');
  expect([...record.restarts.keys()]).toEqual([...faultKinds]);
  expect(record.restarts.get('silent')).toBe(2);
  expect(record.restarts.get('requested')).toBe(1);
  expect(record.restarts.get('memory')).toBe(0);
});

test('counts that a real process sent stay when it crashes', async () => {
  const { supervisor } = vision.supervise(`
const buckets = Array.from({ length: ${length} }, () => 1);
const latency = { buckets, sumMs: 50 };
const totals = { processed: 40, dropped: 4, skipped: 0, latency, stages: { detect: latency } };
process.on('message', async ({ type }) => {
  if (type === 'stop') process.exit(0);
  if (type !== 'start') return;
  await send(ready);
  await send({ type: 'stats', fps: 1, droppedFps: 0, detector: 'made up', stages: {}, totals });
  process.kill(process.pid, 'SIGSEGV');
});
`);
  await until(() => (supervisor.record.totals.processed >= 80 ? true : undefined));
  expect(supervisor.record.restarts.get('ended')).toBeGreaterThan(0);
  expect(supervisor.record.totals.stages.detect!.buckets[0]).toBeGreaterThanOrEqual(2);
});

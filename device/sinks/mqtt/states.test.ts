import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { StateBoard } from '../../core/state.ts';
import { face, reading } from '../../lab/fixtures/mqtt-sink.ts';
import { States } from './states.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function start() {
  const sent: { name: string; body: Record<string, unknown> }[] = [];
  const board = new StateBoard('demo');
  const answer = { refuses: false };
  const health: { status: 'ok' | 'degraded'; memoryReads: number } = { status: 'ok', memoryReads: 0 };
  const states = new States({
    board,
    version: '1.2.3',
    deviceId: 'd1',
    lastDwellMs: () => undefined,
    clock: { now: () => Date.now(), mono: () => Date.now() },
    isConnected: () => true,
    profile: () => undefined,
    health: () => ({
      status: health.status,
      reasons: [],
      uptimeS: Math.round(Date.now() / 1000),
      get memoryMb() {
        health.memoryReads += 1;
        return 80;
      },
    }),
    privacy: () => ({ purpose: 'a test', items: [] }),
    send: async (name, _ts, body) => {
      sent.push({ name, body: body as Record<string, unknown> });
      if (answer.refuses) throw new Error('refused');
    },
  });
  states.start();
  const bodies = (topic: string) => sent.filter(({ name }) => name === topic).map(({ body }) => body);
  return { states, board, bodies, answer, health };
}

test('health is sent at once, then once a minute, with the newest figures', async () => {
  const { states, board, bodies } = start();
  states.sendAll();
  for (let second = 0; second < 170; second += 1) {
    board.update('vision', { fps: second, latencyMs: second / 2 });
    await vi.advanceTimersByTimeAsync(1000);
  }
  const health = { status: 'ok', reasons: [], memory_mb: { daemon: 80 } };
  expect(bodies('health')).toMatchObject([
    { ...health, fps: 0, latency_ms: 0 },
    { ...health, fps: 60, latency_ms: 30 },
    { ...health, fps: 120, latency_ms: 60 },
  ]);
  expect(bodies('state')).toHaveLength(1);
});

test('a change of the board that does not change health does not read the memory', async () => {
  const { states, board, bodies, health } = start();
  board.update('vision', { fps: 1 });
  states.sendAll();
  await vi.advanceTimersByTimeAsync(1);
  for (let fps = 2; fps < 50; fps += 1) board.update('vision', { fps });
  await vi.advanceTimersByTimeAsync(5000);
  expect(health.memoryReads).toBe(bodies('health').length);
});

test('a change of the status of health is sent at once', async () => {
  const { states, board, bodies, health } = start();
  states.sendAll();
  await vi.advanceTimersByTimeAsync(10_000);
  health.status = 'degraded';
  board.update('store', { state: 'failing' });
  await vi.advanceTimersByTimeAsync(1);
  expect(bodies('health').map(({ status }) => status)).toEqual(['ok', 'degraded']);
});

test('people, expression and smiles are sent when they change, and are empty while the camera is lost', async () => {
  const { states, board, bodies } = start();
  board.update('camera', { state: 'online' });
  states.sendAll();
  await vi.advanceTimersByTimeAsync(1000);
  for (let at = 0; at < 5000; at += 100) {
    states.onReading(reading(at, face, { ...face, track: 2 }));
    await vi.advanceTimersByTimeAsync(100);
  }
  board.update('camera', { state: 'lost' });
  await vi.advanceTimersByTimeAsync(120_000);
  expect(bodies('people')).toEqual([{ people: 0 }, { people: 2 }, { people: 0 }]);
  expect(bodies('expression')).toEqual([{ expression: 'none' }, { expression: 'happy' }, { expression: 'none' }]);
  expect(bodies('smiles')).toEqual([{ smiles: null }, { smiles: 1 }, { smiles: null }]);
});

test('the state is sent at most once a second, with its newest values', async () => {
  const { states, board, bodies } = start();
  states.sendAll();
  await vi.advanceTimersByTimeAsync(1);
  for (let restarts = 1; restarts <= 5; restarts += 1) board.update('vision', { restarts });
  await vi.advanceTimersByTimeAsync(500);
  expect(bodies('state')).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(500);
  expect(bodies('state').map(({ vision }) => vision)).toMatchObject([{ restarts: 0 }, { restarts: 5 }]);
});

test('a state that the broker refused is sent again with the next change', async () => {
  const { states, board, bodies, answer } = start();
  answer.refuses = true;
  states.sendAll();
  await vi.advanceTimersByTimeAsync(1000);
  answer.refuses = false;
  board.update('vision', { fps: 1 });
  await vi.advanceTimersByTimeAsync(1000);
  expect(bodies('camera/state')).toHaveLength(2);
  expect(bodies('state')).toHaveLength(2);
});

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { StateBoard } from '../../core/state.ts';
import { States } from './states.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function start() {
  const sent: { name: string; body: Record<string, unknown> }[] = [];
  const board = new StateBoard('demo');
  const answer = { refuses: false };
  const states = new States({
    board,
    version: '1.2.3',
    clock: { now: () => Date.now(), mono: () => Date.now() },
    isConnected: () => true,
    send: async (name, _ts, body) => {
      sent.push({ name, body: body as Record<string, unknown> });
      if (answer.refuses) throw new Error('refused');
    },
  });
  states.start();
  const bodies = (topic: string) => sent.filter(({ name }) => name === topic).map(({ body }) => body);
  return { states, board, bodies, answer };
}

test('figures are sent at once, then at most once a minute, with the newest values', async () => {
  const { states, board, bodies } = start();
  states.connected();
  await vi.advanceTimersByTimeAsync(5000);
  expect(bodies('figures')).toEqual([]);
  for (let second = 0; second < 170; second += 1) {
    board.update('vision', { fps: second, latencyMs: second / 2 });
    await vi.advanceTimersByTimeAsync(1000);
  }
  expect(bodies('figures')).toEqual([
    { fps: 0, latency_ms: 0 },
    { fps: 59, latency_ms: 29.5 },
    { fps: 119, latency_ms: 59.5 },
  ]);
  expect(bodies('state')).toHaveLength(1);
});

test('unchanged figures are not sent again', async () => {
  const { states, board, bodies } = start();
  board.update('vision', { fps: 30 });
  states.connected();
  await vi.advanceTimersByTimeAsync(120_000);
  board.update('vision', { restarts: 1 });
  await vi.advanceTimersByTimeAsync(120_000);
  expect(bodies('figures')).toEqual([{ fps: 30 }]);
});

test('the state is sent at most once a second, with its newest values', async () => {
  const { states, board, bodies } = start();
  states.connected();
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
  states.connected();
  await vi.advanceTimersByTimeAsync(1000);
  answer.refuses = false;
  board.update('vision', { fps: 1 });
  await vi.advanceTimersByTimeAsync(1000);
  expect(bodies('camera/state')).toHaveLength(2);
  expect(bodies('state')).toHaveLength(2);
});

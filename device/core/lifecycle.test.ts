import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { heardLog } from '../lab/fixtures/log.ts';
import { Lifecycle, type Part } from './lifecycle.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Parts that write down what is called. */
function recordedParts() {
  const calls: string[] = [];
  const part = (name: string, change: Partial<Part> = {}): Part => ({
    name,
    start: async () => void calls.push(`start ${name}`),
    stop: async () => void calls.push(`stop ${name}`),
    ...change,
  });
  return { calls, part };
}

function setUp() {
  const log = heardLog();
  return { lifecycle: new Lifecycle(log), log, errors: () => log.lines.map(({ level, text }) => `${level}: ${text}`) };
}

const never = () => new Promise<void>(() => undefined);

test('parts start one after the other and stop backwards', async () => {
  const { calls, part } = recordedParts();
  const { lifecycle, errors } = setUp();
  const slow = part('b', {
    start: async () => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      calls.push('start b');
    },
  });
  const started = lifecycle.start([part('a'), slow, { name: 'without start and stop' }, part('c')]);
  await vi.advanceTimersByTimeAsync(99);
  expect(calls).toEqual(['start a']);
  await vi.advanceTimersByTimeAsync(1);
  await started;
  await lifecycle.stop();
  expect(calls).toEqual(['start a', 'start b', 'start c', 'stop c', 'stop b', 'stop a']);
  expect(errors()).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

test('methods of a class keep their object', async () => {
  class Counter implements Part {
    readonly name = 'counter';
    #running = false;
    start(): void {
      this.#running = true;
    }
    stop(): void {
      this.#running = false;
    }
    get isRunning(): boolean {
      return this.#running;
    }
  }
  const { lifecycle, errors } = setUp();
  const counter = new Counter();
  await lifecycle.start([counter]);
  expect(counter.isRunning).toBe(true);
  await lifecycle.stop();
  expect(counter.isRunning).toBe(false);
  expect(errors()).toEqual([]);
});

test('a start that throws stops the parts before it, starts none after it, and is thrown', async () => {
  const { calls, part } = recordedParts();
  const { lifecycle } = setUp();
  const start = () => {
    throw new Error('port 8080 is in use');
  };
  await expect(lifecycle.start([part('a'), part('b'), part('c', { start }), part('d')])).rejects.toThrow(
    'port 8080 is in use',
  );
  expect(calls).toEqual(['start a', 'start b', 'stop b', 'stop a']);
});

test.each([
  [
    'throws',
    () => {
      throw new Error('disk full');
    },
  ],
  [
    'rejects',
    async () => {
      throw new Error('disk full');
    },
  ],
])('a stop that %s is logged with the name of its part, and the others stop', async (_how, stop) => {
  const { calls, part } = recordedParts();
  const { lifecycle, errors } = setUp();
  await lifecycle.start([part('a'), part('b', { stop }), part('c')]);
  await lifecycle.stop();
  expect(calls.slice(3)).toEqual(['stop c', 'stop a']);
  expect(errors()).toEqual(['error: b did not stop cleanly: disk full']);
});

test('a stop that hangs is given up after 1.5 s, and logged with the name of its part', async () => {
  const { calls, part } = recordedParts();
  const { lifecycle, errors } = setUp();
  await lifecycle.start([part('a'), part('b', { stop: never })]);
  const stopped = lifecycle.stop();
  await vi.advanceTimersByTimeAsync(1499);
  expect(calls).toEqual(['start a', 'start b']);
  expect(errors()).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  await stopped;
  expect(calls.at(-1)).toBe('stop a');
  expect(errors()).toEqual(['error: b did not stop within 1500 ms']);
});

test('each part has a deadline of its own', async () => {
  const { part } = recordedParts();
  const { lifecycle, errors } = setUp();
  await lifecycle.start([part('a', { stop: never }), part('b', { stop: never })]);
  const stopped = lifecycle.stop();
  await vi.advanceTimersByTimeAsync(3000);
  await stopped;
  expect(errors()).toEqual(['error: b did not stop within 1500 ms', 'error: a did not stop within 1500 ms']);
});

test('a second stop waits for the first and stops nothing twice', async () => {
  const { calls, part } = recordedParts();
  const { lifecycle } = setUp();
  const stop = async () => {
    await new Promise((resolve) => setTimeout(resolve, 500));
    calls.push('stop b');
  };
  await lifecycle.start([part('a'), part('b', { stop })]);
  void lifecycle.stop();
  let isSecondDone = false;
  const second = lifecycle.stop().then(() => {
    isSecondDone = true;
  });
  await vi.advanceTimersByTimeAsync(499);
  expect(isSecondDone).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  await second;
  await lifecycle.stop();
  expect(calls).toEqual(['start a', 'start b', 'stop b', 'stop a']);
});

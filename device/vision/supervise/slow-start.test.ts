import { afterEach, expect, test, vi } from 'vitest';
import { online, opening, ready, type Script, superviseFake } from '../../lab/fixtures/fake-start.ts';

let stop: () => Promise<void> = async () => {};
afterEach(() => stop());

function supervise(...args: Parameters<typeof superviseFake>) {
  const made = superviseFake(...args);
  stop = made.stop;
  return made;
}

const minute = 60_000;
type Made = ReturnType<typeof superviseFake>;

const errorsOf = ({ log }: Made) => log.lines.filter(({ level }) => level === 'error').map(({ text }) => text);
/** The limits in the errors, in s. */
const limitsOf = (made: Made) => errorsOf(made).map((text) => Number(/ within (\d+) s /.exec(text)![1]));

/** A process that never waits uses one second a second; a slow board gives it 2 %. */
const computes = (ms: number) => ms / 1000;
const slowly = (ms: number) => Math.floor(ms / 500) / 100;
const stats = {
  type: 'stats',
  fps: 1,
  droppedFps: 0,
  latencyMs: 9,
  detector: 'made up',
  stages: {},
  totals: { processed: 1, dropped: 0, skipped: 0, latency: { buckets: [], sumMs: 0 }, stages: {} },
} as const;
const everySecond: Script = Array.from({ length: 300 }, () => [1000, stats] as const);

test('a process that loads for three minutes on a slow board is not restarted, and the board says so', async () => {
  const { board, starts, record } = supervise(
    [[3 * minute, ready], [0, opening], [2000, online], ...everySecond],
    slowly,
  );
  await vi.advanceTimersByTimeAsync(1000);
  const reason = 'The vision process is loading its libraries and networks. A slow board needs minutes for this';
  expect(board.current.camera).toEqual({ state: 'loading', source: 'made up', reason });
  await vi.advanceTimersByTimeAsync(2 * minute);
  // Once in each limit of 30 s: the watchdog of the service needs a sign of life.
  expect(record.signsOfLife).toBe(4);
  await vi.advanceTimersByTimeAsync(minute);
  expect(board.current.camera).toEqual({ state: 'starting', source: 'made up' });
  await vi.advanceTimersByTimeAsync(2 * minute);
  expect(board.current.camera.state).toBe('online');
  expect([starts, board.current.vision.restarts]).toEqual([[0], 0]);
});

test('an opening that takes 50 s each time succeeds at the fourth attempt; then the first limit applies again', async () => {
  const script: Script = [
    [100, ready],
    [0, opening],
    [50_000, online],
    [1000, { type: 'lost', reason: 'unplugged', code: 'camera-missing' }],
    [0, opening],
  ];
  const made = supervise(script);
  await vi.advanceTimersByTimeAsync(minute);
  expect(made.board.current.camera).toMatchObject({ state: 'lost', code: 'camera-stalled' });
  await vi.advanceTimersByTimeAsync(47_000);
  expect(made.board.current.camera).toMatchObject({ state: 'lost', reason: 'unplugged' });
  expect([limitsOf(made), made.starts.length]).toEqual([[6, 15, 30], 4]);
  await vi.advanceTimersByTimeAsync(8000);
  expect(errorsOf(made)).toHaveLength(4);
  expect(errorsOf(made).at(-1)).toBe(
    'The camera could not be opened within 6 s and is tried again. If this repeats, check its cable or its address',
  );
});

test('an opening that hangs for ever gets two minutes in the end, not more', async () => {
  const made = supervise([
    [0, ready],
    [0, opening],
  ]);
  await vi.advanceTimersByTimeAsync(10 * minute);
  expect(limitsOf(made)).toEqual([6, 15, 30, 60, 120, 120, 120, 120]);
});

const hangs = [
  ['does nothing', () => 0, [30, 60, 120, 240]],
  ['computes', computes, [600, 1200, 2400]],
] as const;

test.each(hangs)(
  'a process that %s while it loads, for ever, is restarted, each time later',
  async (_, cpu, limits) => {
    const made = supervise([], cpu);
    await vi.advanceTimersByTimeAsync(limits.reduce((sum, limit) => sum + limit, 0) * 1000 + 20_000);
    expect(limitsOf(made)).toEqual(limits);
    expect(made.starts).toHaveLength(limits.length + 1);
    expect(errorsOf(made)[0]).toBe(
      `The vision process did not load its libraries and networks within ${limits[0]} s and is started again with more time. If this repeats, check the power supply, the free memory and the card of this board`,
    );
    // No fault of the camera.
    expect(made.board.current.camera).toMatchObject({ state: 'loading', code: undefined });
  },
);

const firstPicture: Script = [
  [0, ready],
  [0, opening],
  [0, online],
  [100, { type: 'measuring' }],
];

test('a first picture that takes 60 s is no fault, and is shown as loading', async () => {
  const made = supervise([...firstPicture, [minute, { type: 'measured' }], ...everySecond], slowly);
  const { board, starts } = made;
  const states: string[] = [];
  board.subscribe(({ camera: { state } }) => states.at(-1) !== state && states.push(state));
  await vi.advanceTimersByTimeAsync(2000);
  expect(board.current.camera).toMatchObject({
    state: 'loading',
    reason: 'The vision process is measuring its networks with the first picture. A slow board needs minutes for this',
    width: 64,
  });
  await vi.advanceTimersByTimeAsync(2 * minute);
  expect(board.current.camera).toMatchObject({ state: 'online', reason: undefined });
  expect(states).toEqual(['starting', 'online', 'loading', 'online']);
  expect(errorsOf(made)).toEqual([]);
  expect([starts, board.current.vision.restarts]).toEqual([[0], 0]);
});

test('a short measurement is not shown', async () => {
  const { board } = supervise([...firstPicture, [900, { type: 'measured' }], ...everySecond]);
  const states: string[] = [];
  board.subscribe(({ camera: { state } }) => states.at(-1) !== state && states.push(state));
  await vi.advanceTimersByTimeAsync(minute);
  expect(states).toEqual(['starting', 'online']);
});

test('a process that hangs in its first picture is restarted, and its text does not blame the camera', async () => {
  const made = supervise(firstPicture);
  await vi.advanceTimersByTimeAsync(30_300);
  expect(errorsOf(made)).toEqual([
    'The vision process was not done with its first picture within 30 s and is started again with more time. If this repeats, check the power supply, the free memory and the card of this board, or set detect.inputWidth to 160',
  ]);
  expect(made.board.current.camera.state).not.toBe('lost');
});

test.each([
  ['before its first picture', firstPicture.slice(0, 3)],
  ['after it', [...firstPicture, [100, { type: 'measured' }] as const]],
])('a camera that is silent %s is found after stallMs', async (_, script) => {
  const made = supervise(script, computes);
  const reasons: unknown[] = [];
  made.board.subscribe(({ camera: { state, reason, code } }) => reasons.push({ state, reason, code }));
  await vi.advanceTimersByTimeAsync(5400);
  const reason = 'The camera gave no picture for 5 s and is opened again. If this repeats, check its cable and power';
  expect(errorsOf(made)).toEqual([reason]);
  expect(reasons).toContainEqual({ state: 'lost', reason, code: 'camera-stalled' });
});

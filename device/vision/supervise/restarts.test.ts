import { expect, test } from 'vitest';
import { FakeVision, faultlessScript } from '../../lab/fixtures/fake-vision.ts';
import { until } from '../../lab/fixtures/mien.ts';
import { defaultLimits } from './patience.ts';

const vision = new FakeVision();

/** A process that reports its camera and one reading, and then runs `next`. */
function online(next: string): string {
  return `
process.on('message', async ({ type, firstTrack }) => {
  if (type === 'stop') process.exit(0);
  if (type !== 'start') return;
  await send(ready);
  await send(online);
  await send({ type: 'reading', reading: reading(firstTrack) });
${next}
});
`;
}

test('a crash is logged and counted, and the process restarts with further track ids', async () => {
  const { board, readings, log } = vision.supervise(`
process.on('message', async ({ type, firstTrack }) => {
  if (type === 'stop') process.exit(0);
  if (type !== 'start') return;
  await send(ready);
  await send(online);
  await send({ type: 'reading', reading: reading(firstTrack, firstTrack + 4) });
  if (firstTrack === 1) { console.error('native code fell over'); process.kill(process.pid, 'SIGSEGV'); }
  setInterval(() => send({ type: 'stats', fps: 1, droppedFps: 0, detector: 'made up' }), 30);
});
`);
  const seen: { vision: string; camera: string; reason: string | undefined }[] = [];
  board.subscribe(({ vision, camera }) =>
    seen.push({ vision: vision.state, camera: camera.state, reason: camera.reason }),
  );
  await until(() => (readings.length === 2 ? true : undefined));
  expect(readings.map(({ faces }) => faces.map(({ track }) => track))).toEqual([
    [1, 5],
    [6, 10],
  ]);
  expect(seen).toContainEqual({
    vision: 'restarting',
    camera: 'lost',
    reason: 'The vision process ended (SIGSEGV)',
  });
  await until(() => (board.current.camera.state === 'online' ? true : undefined));
  expect(board.current.vision).toMatchObject({ state: 'running', restarts: 1, warning: undefined });
  expect(log.lines).toContainEqual({ level: 'warn', text: 'native code fell over' });
  expect(log.lines).toContainEqual({ level: 'error', text: 'The vision process ended (SIGSEGV)' });
});

test('the faster precision of one process is passed to the next', async () => {
  const { readings } = vision.supervise(`
process.on('message', async ({ type, settings, firstTrack }) => {
  if (type === 'stop') process.exit(0);
  if (type !== 'start') return;
  await send(ready);
  const precision = { auto: 0, fp32: 1, int8: 2 }[settings.classify.precision];
  await send({ type: 'reading', reading: { ...reading(firstTrack), frame: precision } });
  if (firstTrack === 1) process.exit(1);
});
`);
  await until(() => (readings.length === 2 ? true : undefined));
  expect(readings.map(({ frame }) => ['auto', 'fp32', 'int8'][frame])).toEqual(['auto', 'int8']);
});

test('a silent process is killed and restarted', async () => {
  const { board, readings } = vision.supervise(
    online(`
  if (firstTrack === 1) for (;;); // a camera call that never returns
  setInterval(() => send({ type: 'stats', fps: 1, droppedFps: 0, detector: 'made up' }), 30);`),
    { stallMs: 500 },
  );
  const warnings: (string | undefined)[] = [];
  board.subscribe(({ vision }) => warnings.push(vision.warning));
  await until(() => (readings.length === 2 ? true : undefined));
  expect(warnings).toContain(
    'The camera gave no picture for 0.5 s and is opened again. If this repeats, check its cable and power',
  );
  expect(board.current.vision.restarts).toBe(1);
});

test.each([
  ['SIGKILL', 'The vision process ended (SIGKILL: by a user, or by the system because memory ran out)'],
  ['SIGSTOP', 'The camera gave no picture for 0.5 s and is opened again. If this repeats, check its cable and power'],
] as const)(
  'after %s from outside another process takes over, and the board keeps the reason',
  async (signal, reason) => {
    const { supervisor, board, log } = vision.supervise(faultlessScript, { stallMs: 500 });
    await until(() => board.current.vision.fps);
    const { pid } = supervisor;
    process.kill(pid!, signal);
    await until(() =>
      board.current.vision.restarts === 1 && board.current.vision.state === 'running' ? true : undefined,
    );
    await until(() => (board.current.camera.state === 'online' ? true : undefined));
    expect(supervisor.pid).not.toBe(pid);
    expect(board.current.vision).toMatchObject({ lastRestart: reason, warning: undefined });
    expect(log.lines).toContainEqual({ level: 'error', text: reason });
    expect(() => process.kill(pid!, 0)).toThrow('ESRCH');
  },
);

/** Allocates 30 MB of used pages every 50 ms while `grows`. */
const hog = (grows: string) =>
  online(`
  const held = [];
  setInterval(() => {
    if (${grows}) held.push(Buffer.alloc(30_000_000, 1));
    send({ type: 'stats', fps: 1, droppedFps: 0, detector: 'made up' });
  }, 50);`);

test('a process that takes too much memory is restarted, and the board shows how much it took', async () => {
  const { board, log, readings } = vision.supervise(hog('firstTrack === 1'), {
    memoryLimitMb: 300,
    memoryCheckIntervalMs: 100,
  });
  const states: string[] = [];
  board.subscribe(({ vision, camera }) => states.push(`${vision.state}, camera ${camera.state}`));
  await until(() => (readings.length === 2 ? true : undefined));
  const reason =
    /^The vision process took (\d+) MB of memory \(vision\.memoryLimitMb allows 300\) and is started again$/;
  const { lastRestart, restarts } = board.current.vision;
  expect(restarts).toBe(1);
  expect(lastRestart).toMatch(reason);
  expect(Number(reason.exec(lastRestart!)![1])).toBeGreaterThan(300);
  expect(states).toContain('restarting, camera lost');
  expect(log.lines).toContainEqual({ level: 'error', text: lastRestart });
  // The second process does not grow and keeps running.
  expect(await until(() => board.current.vision.memoryMb)).toBeLessThan(300);
});

test('after repeated memory faults the restart waits longer, and the warning has a remedy', async () => {
  const { board } = vision.supervise(hog('true'), { memoryLimitMb: 200, memoryCheckIntervalMs: 100 });
  await until(() => (board.current.vision.restarts === 2 ? true : undefined));
  expect(board.current.vision.state).toBe('restarting');
  expect(board.current.vision.lastRestart).toMatch(
    /is started again\. This repeats: ask for smaller pictures \(camera\.width\), or raise the limit; if it grows without end, report it$/,
  );
});

test('a hanging opening is retried soon, with more time', async () => {
  const { board, log } = vision.supervise(
    `
process.on('message', async ({ type }) => {
  if (type === 'stop') process.exit(0);
  if (type !== 'start') return;
  await send(ready);
  await send({ type: 'opening' });
  const until = Date.now() + 900;
  while (Date.now() < until); // a slow camera
  await send(online);
  setInterval(() => send({ type: 'stats', fps: 1, droppedFps: 0, detector: 'made up' }), 30);
});
`,
    { stallMs: 300, limits: { ...defaultLimits, opening: [400, 5000] } },
  );
  const reasons: (string | undefined)[] = [];
  board.subscribe(({ camera }) => reasons.push(camera.reason));
  await until(() => (board.current.camera.state === 'online' ? true : undefined));
  const reason =
    'The camera could not be opened within 0.4 s and is tried again. If this repeats, check its cable or its address';
  expect(reasons).toContain(reason);
  expect(log.lines.filter(({ level }) => level === 'error')).toEqual([{ level: 'error', text: reason }]);
  expect(board.current.vision.restarts).toBe(1);
});

test('a daemon that was stalled does not kill a running process', async () => {
  const { board } = vision.supervise(faultlessScript, { stallMs: 400 });
  await until(() => board.current.vision.fps);
  const end = performance.now() + 900;
  while (performance.now() < end);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(board.current.vision).toMatchObject({ state: 'running', restarts: 0 });
});

test('opening a camera may take longer than stallMs', async () => {
  const { board } = vision.supervise(
    `
process.on('message', async ({ type }) => {
  if (type === 'stop') process.exit(0);
  if (type !== 'start') return;
  await send(ready);
  await send({ type: 'opening' });
  const until = Date.now() + 1200;
  while (Date.now() < until);
  await send(online);
  setInterval(() => send({ type: 'stats', fps: 1, droppedFps: 0, detector: 'made up' }), 30);
});
`,
    { stallMs: 500 },
  );
  await until(() => (board.current.camera.state === 'online' ? true : undefined));
  expect(board.current.vision.restarts).toBe(0);
});

test('a configuration fault is shown with its remedy, and the start is retried', async () => {
  const { board, log } = vision.supervise(`
process.on('message', async ({ type }) => {
  if (type !== 'start') return;
  await send({ type: 'fatal', message: 'Model missing: /models/none.onnx', remedy: 'Fetch it', code: 66 });
  process.exit(69);
});
`);
  await until(() => (board.current.vision.restarts >= 2 ? true : undefined));
  const reason = 'Model missing: /models/none.onnx. Fetch it';
  expect(board.current.vision).toMatchObject({ state: 'restarting', warning: reason });
  // The camera was not opened.
  expect(board.current.camera.state).toBe('starting');
  expect(log.lines).toContainEqual({ level: 'error', text: reason });
});

test('stop during the wait between two runs starts no process', async () => {
  const { supervisor, board } = vision.supervise('process.exit(3);');
  await until(() => (board.current.vision.restarts === 2 ? true : undefined));
  await supervisor.stop();
  expect(board.current.vision).toMatchObject({ warning: 'The vision process ended (exit code 3)' });
  expect(supervisor.pid).toBeUndefined();
});

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { configSchema } from '../../config/schema.ts';
import { StateBoard } from '../../core/state.ts';
import type { LiveFrame, Reading } from '../../core/types.ts';
import { heardLog } from '../../lab/fixtures/log.ts';
import { until } from '../../lab/fixtures/mien.ts';
import { scratchFolder } from '../../lab/fixtures/scratch.ts';
import { visionSettings } from '../messages.ts';
import { VisionSupervisor } from './supervisor.ts';

const scratch = scratchFolder();
const running: VisionSupervisor[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((supervisor) => supervisor.stop()));
});

let children = 0;

/** What each made-up vision process has at hand. */
const preamble = `
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
const send = (message) => new Promise((resolve) => process.send(message, undefined, undefined, resolve));
const ready = { type: 'ready', detector: 'made up', model: 'none', precision: 'int8', labels: ['happy', 'sad'], uncertain: true };
const online = { type: 'online', description: 'made-up camera', width: 64, height: 48, fps: 30 };
const face = (track) => ({ track, box: { x: 0, y: 0, width: 9, height: 9 }, score: 1, label: 'happy', probabilities: { happy: 1, sad: 0 } });
const reading = (...tracks) => ({ frame: 0, t: 0, ts: 0, mono: 0, width: 64, height: 48, faces: tracks.map(face) });
const here = new URL('.', import.meta.url).pathname;
process.on('disconnect', () => process.exit());
`;

interface Limits {
  readonly stallMs?: number;
  readonly memoryLimitMb?: number;
  readonly openDeadlinesMs?: readonly number[];
}

/** A supervisor whose process runs this script, with what it reported. */
function supervise(script: string, { stallMs = 5000, memoryLimitMb = 2000, openDeadlinesMs }: Limits = {}) {
  const entry = join(scratch, `child-${children++}.mjs`);
  writeFileSync(entry, preamble + script);
  const config = configSchema.parse({});
  const board = new StateBoard('made up');
  const log = heardLog();
  const readings: Reading[] = [];
  const supervisor = new VisionSupervisor({
    settings: visionSettings({ ...config, camera: { ...config.camera, stallMs } }, '/models'),
    memoryLimitMb,
    openDeadlinesMs,
    board,
    log,
    onReading: (reading) => readings.push(reading),
    entry,
  });
  running.push(supervisor);
  supervisor.start();
  return { supervisor, board, log, readings };
}

const works = `
process.on('message', async ({ type }) => {
  if (type === 'stop') process.exit(0);
  if (type !== 'start') return;
  await send(ready);
  await send({ type: 'opening' });
  await send(online);
  await send({ type: 'reading', reading: reading(1) });
  setInterval(() => send({ type: 'stats', fps: 29.5, droppedFps: 0.5, latencyMs: 12, detector: 'made up, measured' }), 30);
});
`;

test('what the process says stands on the board', async () => {
  const { board, readings, supervisor } = supervise(works);
  expect(board.current.vision).toEqual({ state: 'starting', restarts: 0 });
  await until(() => board.current.vision.fps);
  expect(board.current.vision).toEqual({
    state: 'running',
    restarts: 0,
    detector: 'made up, measured',
    model: 'none',
    precision: 'int8',
    labels: ['happy', 'sad'],
    uncertain: true,
    warning: undefined,
    fps: 29.5,
    droppedFps: 0.5,
    latencyMs: 12,
    memoryMb: undefined,
  });
  expect(await until(() => board.current.vision.memoryMb)).toBeGreaterThan(5);
  expect(board.current.camera).toEqual({
    state: 'online',
    source: 'made-up camera',
    width: 64,
    height: 48,
    fps: 30,
    reason: undefined,
  });
  expect(readings).toHaveLength(1);
  expect(supervisor.pid).toBeGreaterThan(0);
});

test('a limit of the rate reaches the process, and the one that is started after it', async () => {
  const { supervisor, board } = supervise(`
process.on('message', async ({ type, fps }) => {
  if (type === 'stop') process.exit(0);
  if (type === 'start') await send(ready);
  if (type === 'limit') await send({ type: 'stats', fps, droppedFps: 0, detector: 'made up' });
});
`);
  await until(() => (board.current.vision.fps === Number.POSITIVE_INFINITY ? true : undefined));
  supervisor.limitRate(12.5);
  await until(() => (board.current.vision.fps === 12.5 ? true : undefined));
  process.kill(supervisor.pid!, 'SIGKILL');
  await until(() => (board.current.vision.restarts === 1 && board.current.vision.fps === 0 ? true : undefined));
  await until(() => (board.current.vision.fps === 12.5 ? true : undefined));
});

test('a pause and other settings reach the process, and the one that an operator has started after it', async () => {
  const { supervisor, board, log } = supervise(`
let paused = false, quality = 0;
process.on('message', async (message) => {
  const { type } = message;
  if (type === 'stop') process.exit(0);
  if (type === 'pause') { paused = message.paused; if (quality > 0) await send(paused ? { type: 'paused' } : online); }
  if (type === 'start') await send(ready);
  if (type === 'start' || type === 'settings') quality = message.settings.jpegQuality;
  if (type === 'start') await send(paused ? { type: 'paused' } : online);
  if (quality > 0) await send({ type: 'stats', fps: quality, droppedFps: 0, detector: 'made up', stages: { detect: { p50: 3, p95: 9 } } });
});
`);
  const settings = visionSettings(configSchema.parse({}), '/models');
  await until(() => (board.current.camera.state === 'online' ? true : undefined));
  supervisor.changeSettings({ ...settings, jpegQuality: 41 });
  await until(() => (board.current.vision.fps === 41 ? true : undefined));
  expect(supervisor.stages).toEqual({ detect: { p50: 3, p95: 9 } });
  supervisor.pause(true);
  await until(() => (board.current.camera.state === 'paused' ? true : undefined));
  supervisor.restart();
  await until(() => (board.current.vision.restarts === 1 ? true : undefined));
  expect(log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  await until(() => (board.current.vision.state === 'running' && board.current.vision.fps === 41 ? true : undefined));
  expect(board.current.camera.state).toBe('paused');
  supervisor.pause(false);
  await until(() => (board.current.camera.state === 'online' ? true : undefined));
});

test('a crash is said, counted and mended; track numbers go on', async () => {
  const { board, readings, log } = supervise(`
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

test('what one process found to be faster, the next is told', async () => {
  const { readings } = supervise(`
process.on('message', async ({ type, settings, firstTrack }) => {
  if (type === 'stop') process.exit(0);
  if (type !== 'start') return;
  await send(ready);
  const told = { auto: 0, fp32: 1, int8: 2 }[settings.classify.precision];
  await send({ type: 'reading', reading: { ...reading(firstTrack), frame: told } });
  if (firstTrack === 1) process.exit(1);
});
`);
  await until(() => (readings.length === 2 ? true : undefined));
  expect(readings.map(({ frame }) => ['auto', 'fp32', 'int8'][frame])).toEqual(['auto', 'int8']);
});

test('a process that falls silent is killed and started again', async () => {
  const { board, readings } = supervise(
    `
process.on('message', async ({ type, firstTrack }) => {
  if (type === 'stop') process.exit(0);
  if (type !== 'start') return;
  await send(ready);
  await send(online);
  await send({ type: 'reading', reading: reading(firstTrack) });
  if (firstTrack === 1) for (;;); // a camera call that never returns
  setInterval(() => send({ type: 'stats', fps: 1, droppedFps: 0, detector: 'made up' }), 30);
});
`,
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
  ['SIGKILL', 'The vision process ended (SIGKILL: by somebody, or by the system because memory ran out)'],
  ['SIGSTOP', 'The camera gave no picture for 0.5 s and is opened again. If this repeats, check its cable and power'],
] as const)('%s from outside: another process takes over, and the board keeps the reason', async (signal, reason) => {
  const { supervisor, board, log } = supervise(works, { stallMs: 500 });
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
});

/** Takes 30 MB every 50 ms where `grows`, in pages that are really used. */
const hog = (grows: string) => `
const held = [];
process.on('message', async ({ type, firstTrack }) => {
  if (type === 'stop') process.exit(0);
  if (type !== 'start') return;
  await send(ready);
  await send(online);
  await send({ type: 'reading', reading: reading(firstTrack) });
  setInterval(() => {
    if (${grows}) held.push(Buffer.alloc(30_000_000, 1));
    send({ type: 'stats', fps: 1, droppedFps: 0, detector: 'made up' });
  }, 50);
});
`;

test('a process that takes too much memory is started again, and the board says how much it was', async () => {
  const { board, log, readings } = supervise(hog('firstTrack === 1'), { memoryLimitMb: 300 });
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
  // The second one does not grow, and is left alone.
  expect(await until(() => board.current.vision.memoryMb)).toBeLessThan(300);
});

test('memory that runs out again is waited for longer, and said with what to do', async () => {
  const { board } = supervise(hog('true'), { memoryLimitMb: 200 });
  await until(() => (board.current.vision.restarts === 2 ? true : undefined));
  expect(board.current.vision.state).toBe('restarting');
  expect(board.current.vision.lastRestart).toMatch(
    /is started again\. This repeats: ask for smaller pictures \(camera\.width\), or raise the limit; if it grows without end, report it$/,
  );
});

test('an opening that hangs is tried again soon; the next try is given more time', async () => {
  const { board, log } = supervise(
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
    { stallMs: 300, openDeadlinesMs: [400, 5000] },
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

test('a daemon that stood still itself does not kill a process that went on', async () => {
  const { board } = supervise(works, { stallMs: 400 });
  await until(() => board.current.vision.fps);
  const end = performance.now() + 900;
  while (performance.now() < end);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(board.current.vision).toMatchObject({ state: 'running', restarts: 0 });
});

test('the process knows nothing of the settings in the environment', async () => {
  process.env.MIEN_MQTT_PASSWORD = 'hunter2';
  try {
    const { readings } = supervise(`
      process.on('message', async ({ type }) => {
        if (type === 'stop') process.exit(0);
        if (type === 'start') await send({ type: 'reading', reading: { ...reading(), t: Object.keys(process.env).filter((name) => name.startsWith('MIEN_')).length } });
      });
    `);
    expect((await until(() => readings[0])).t).toBe(0);
  } finally {
    delete process.env.MIEN_MQTT_PASSWORD;
  }
});

test('opening a camera may take longer than a frame', async () => {
  const { board } = supervise(
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

test('a camera that is opened anew with other settings is starting, not online', async () => {
  const { board, supervisor } = supervise(`
process.on('message', async ({ type }) => {
  if (type === 'stop') process.exit(0);
  if (type === 'start') { await send(ready); await send({ type: 'opening' }); await send(online); }
  if (type === 'settings') await send({ type: 'opening' });
});
`);
  await until(() => (board.current.camera.state === 'online' ? true : undefined));
  supervisor.changeSettings({ ...visionSettings(configSchema.parse({}), '/models'), jpegQuality: 41 });
  await until(() => (board.current.camera.state === 'starting' ? true : undefined));
});

test('a fault that somebody must mend stands on the board with its remedy, and is tried again', async () => {
  const { board, log } = supervise(`
process.on('message', async ({ type }) => {
  if (type !== 'start') return;
  await send({ type: 'fatal', message: 'Model missing: /models/none.onnx', remedy: 'Fetch it', code: 66 });
  process.exit(69);
});
`);
  await until(() => (board.current.vision.restarts >= 2 ? true : undefined));
  const reason = 'Model missing: /models/none.onnx. Fetch it';
  expect(board.current.vision).toMatchObject({ state: 'restarting', warning: reason });
  // The camera was not even asked.
  expect(board.current.camera.state).toBe('starting');
  expect(log.lines).toContainEqual({ level: 'error', text: reason });
});

test('a lost source is shown with its reason, said once in the log', async () => {
  const { board, log } = supervise(`
process.on('message', async ({ type }) => {
  if (type === 'stop') process.exit(0);
  if (type !== 'start') return;
  await send(ready);
  for (let i = 0; i < 5; i++) await send({ type: 'lost', reason: 'No camera at /dev/video9. Plug it in' });
  await send({ type: 'stats', fps: 7, droppedFps: 0, detector: 'made up' });
});
`);
  await until(() => board.current.vision.fps);
  expect(board.current.camera).toMatchObject({ state: 'lost', reason: 'No camera at /dev/video9. Plug it in' });
  expect(board.current.vision.state).toBe('running');
  expect(log.lines.filter(({ text }) => text.startsWith('Source lost'))).toEqual([
    { level: 'warn', text: 'Source lost: No camera at /dev/video9. Plug it in' },
  ]);
});

test('the process hears who watches, at each change and at each start', async () => {
  const heard = join(scratch, 'watched');
  const { supervisor } = supervise(`
process.on('message', ({ type, plain, annotated }) => {
  if (type === 'stop') process.exit(0);
  if (type === 'watch') appendFileSync(here + 'watched', 'plain ' + plain + ', annotated ' + annotated + '\\n');
});
`);
  const lines = () => (existsSync(heard) ? readFileSync(heard, 'utf8').trim().split('\n') : []);
  const untilHeard = (count: number) => until(() => (lines().length >= count ? true : undefined));
  await untilHeard(1);
  const leave = supervisor.subscribe('plain', () => {});
  await untilHeard(2);
  const leaveToo = supervisor.subscribe('annotated', () => {});
  await untilHeard(3);
  leave();
  await untilHeard(4);
  process.kill(supervisor.pid!, 'SIGKILL');
  await untilHeard(5);
  leaveToo();
  await untilHeard(6);
  expect(lines()).toEqual([
    'plain false, annotated false',
    'plain true, annotated false',
    'plain true, annotated true',
    'plain false, annotated true',
    'plain false, annotated true',
    'plain false, annotated false',
  ]);
});

test('a picture reaches those who asked for its kind, together with its reading', async () => {
  const { supervisor } = supervise(`
process.on('message', async ({ type, plain }) => {
  if (type === 'stop') process.exit(0);
  if (type === 'watch' && plain) await send({ type: 'reading', reading: reading(3), plain: new Uint8Array([1, 2, 3]) });
});
`);
  const annotated: LiveFrame[] = [];
  supervisor.subscribe('annotated', (frame) => annotated.push(frame));
  const plain = await new Promise<LiveFrame>((resolve) => supervisor.subscribe('plain', resolve));
  expect(plain.reading.faces[0]!.track).toBe(3);
  expect([...plain.jpeg]).toEqual([1, 2, 3]);
  expect(annotated).toEqual([]);
});

test('stop asks, and the process ends by itself', async () => {
  const { supervisor, board } = supervise(`
process.on('message', ({ type }) => {
  if (type === 'stop') { writeFileSync(here + 'said-goodbye', ''); process.exit(0); }
  if (type === 'start') send(ready);
});
`);
  await until(() => (board.current.vision.state === 'running' ? true : undefined));
  await supervisor.stop();
  expect(existsSync(join(scratch, 'said-goodbye'))).toBe(true);
  expect(supervisor.pid).toBeUndefined();
  expect(board.current.vision.restarts).toBe(0);
});

test('a process that does not listen is killed', async () => {
  const { supervisor, board } = supervise(`
process.on('SIGTERM', () => {});
process.on('message', ({ type }) => { if (type === 'start') send(ready).then(() => { for (;;); }); });
`);
  await until(() => (board.current.vision.state === 'running' ? true : undefined));
  const { pid } = supervisor;
  await supervisor.stop();
  // Signal 0 only asks whether the process is there.
  expect(() => process.kill(pid!, 0)).toThrow('ESRCH');
});

test('stop during the wait between two runs starts none', async () => {
  const { supervisor, board } = supervise('process.exit(3);');
  await until(() => (board.current.vision.restarts === 2 ? true : undefined));
  await supervisor.stop();
  expect(board.current.vision).toMatchObject({ warning: 'The vision process ended (exit code 3)' });
  expect(supervisor.pid).toBeUndefined();
});

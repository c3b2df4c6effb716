import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configSchema } from '../../config/schema.ts';
import type { LiveFrame } from '../../core/types.ts';
import { FakeVision, faultlessScript } from '../../lab/fixtures/fake-vision.ts';
import { until } from '../../lab/fixtures/mien.ts';
import { visionSettings } from '../messages.ts';

const vision = new FakeVision();

test('messages of the process are shown on the board', async () => {
  const { board, readings, supervisor } = vision.supervise(faultlessScript, { memoryCheckIntervalMs: 60_000 });
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

test('the board shows the memory of the process once it was checked', async () => {
  const { board } = vision.supervise(faultlessScript, { memoryCheckIntervalMs: 50 });
  expect(await until(() => board.current.vision.memoryMb)).toBeGreaterThan(5);
});

test('a rate limit reaches the process and its successor', async () => {
  const { supervisor, board } = vision.supervise(`
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

test("a pause and new settings reach the process and its successor after an operator's restart", async () => {
  const { supervisor, board, log } = vision.supervise(`
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
  expect(supervisor.record.stages).toEqual({ detect: { p50: 3, p95: 9 } });
  supervisor.pause(true);
  await until(() => (board.current.camera.state === 'paused' ? true : undefined));
  supervisor.restart('an MQTT command');
  await until(() => (board.current.vision.restarts === 1 ? true : undefined));
  expect(board.current.vision.lastRestart).toBe('The vision process was restarted by an MQTT command');
  expect(log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  await until(() => (board.current.vision.state === 'running' && board.current.vision.fps === 41 ? true : undefined));
  expect(board.current.camera.state).toBe('paused');
  supervisor.pause(false);
  await until(() => (board.current.camera.state === 'online' ? true : undefined));
});

test('the process does not inherit settings from the environment', async () => {
  process.env.MIEN_MQTT_PASSWORD = 'hunter2';
  try {
    const { readings } = vision.supervise(`
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

test('a camera that is reopened with new settings is starting, not online', async () => {
  const { board, supervisor } = vision.supervise(`
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

test.each([
  ['No camera at /dev/video9. Plug it in', 'No camera at /dev/video9. Plug it in'],
  // The board shows another text than the process sent.
  ['rtsp://lobby:secret@10.0.0.9/ does not answer', 'rtsp://***@10.0.0.9/ does not answer'],
])('a lost source is shown with its reason and logged once: %s', async (reason, shown) => {
  const { board, log } = vision.supervise(`
process.on('message', async ({ type }) => {
  if (type === 'stop') process.exit(0);
  if (type !== 'start') return;
  await send(ready);
  for (let i = 0; i < 5; i++) await send({ type: 'lost', reason: '${reason}' });
  await send({ type: 'stats', fps: 7, droppedFps: 0, detector: 'made up' });
});
`);
  await until(() => board.current.vision.fps);
  expect(board.current.camera).toMatchObject({ state: 'lost', reason: shown });
  expect(board.current.vision.state).toBe('running');
  expect(log.lines.filter(({ text }) => text.startsWith('Source lost'))).toEqual([
    { level: 'warn', text: `Source lost: ${reason}` },
  ]);
});

test('the process is told which pictures have viewers, at each change and each start', async () => {
  const heard = join(vision.folder, 'watched');
  const { supervisor } = vision.supervise(`
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

test('a picture reaches the subscribers of its kind, together with its reading', async () => {
  const { supervisor } = vision.supervise(`
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

test('stop sends a message, and the process ends by itself', async () => {
  const { supervisor, board } = vision.supervise(`
process.on('message', ({ type }) => {
  if (type === 'stop') { writeFileSync(here + 'said-goodbye', ''); process.exit(0); }
  if (type === 'start') send(ready);
});
`);
  await until(() => (board.current.vision.state === 'running' ? true : undefined));
  await supervisor.stop();
  expect(existsSync(join(vision.folder, 'said-goodbye'))).toBe(true);
  expect(supervisor.pid).toBeUndefined();
  expect(board.current.vision.restarts).toBe(0);
});

test('a process that ignores the stop message is killed', async () => {
  const { supervisor, board } = vision.supervise(`
process.on('SIGTERM', () => {});
process.on('message', ({ type }) => { if (type === 'start') send(ready).then(() => { for (;;); }); });
`);
  await until(() => (board.current.vision.state === 'running' ? true : undefined));
  const { pid } = supervisor;
  await supervisor.stop();
  // Signal 0 only checks whether the process exists.
  expect(() => process.kill(pid!, 0)).toThrow('ESRCH');
});

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodePicture } from '../camera/picture.ts';
import { configSchema } from '../config/schema.ts';
import { uncertain } from '../core/labels.ts';
import { packageRoot } from '../core/paths.ts';
import { StateBoard } from '../core/state.ts';
import type { LiveFrame, Reading } from '../core/types.ts';
import { heardLog } from '../lab/fixtures/log.ts';
import { until } from '../lab/fixtures/mien.ts';
import { modelsDir } from '../lab/fixtures/shared.ts';
import { visionSettings } from './messages.ts';
import { VisionSupervisor } from './supervise/supervisor.ts';

/** The real vision process with the built-in clip, in which the first visitor appears after about 1.5 s. */
const entry = join(packageRoot, 'device', 'dist', 'vision', 'main.js');
const config = configSchema.parse({ camera: { source: 'demo' } });
const board = new StateBoard('demo');
const log = heardLog();
const readings: Reading[] = [];
const supervisor = new VisionSupervisor({
  settings: visionSettings(config, modelsDir),
  memoryLimitMb: config.vision.memoryLimitMb,
  board,
  log,
  onReading: (reading) => readings.push(reading),
  entry,
});

beforeAll(() => {
  if (!existsSync(entry)) throw new Error(`${entry} is missing; build it with: npm run build (npm test does)`);
  supervisor.start();
});
afterAll(() => supervisor.stop());

test('readings with faces arrive, and the board shows detector and model', async () => {
  const { faces, width, height } = await until(() => readings.find((reading) => reading.faces.length > 0));
  expect([width, height]).toEqual([640, 480]);
  const [face] = faces;
  expect(face!.track).toBe(1);
  expect(Object.keys(face!.probabilities)).toEqual(board.current.vision.labels);
  expect(Object.values(face!.probabilities).reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 4);
  expect([...board.current.vision.labels!, uncertain]).toContain(face!.label);
  await until(() => board.current.vision.latencyMs);
  expect(board.current.camera).toMatchObject({ state: 'online', width: 640, height: 480, fps: 24 });
  expect(board.current.vision).toMatchObject({
    state: 'running',
    model: config.classify.model,
    restarts: 0,
    detector: expect.stringMatching(
      /^(YuNet \((ONNX Runtime|OpenCV dnn), 320x256(, \d threads)?\)|BlazeFace \(ONNX Runtime, 256x192(, \d threads)?\)|Haar cascade)/,
    ),
  });
  expect(log.lines.filter(({ level }) => level === 'error')).toEqual([]);
});

test('pictures are sent only while there is a viewer, whole and of the size of their reading', async () => {
  const frames: LiveFrame[] = [];
  const leave = supervisor.subscribe('plain', (frame) => frames.push(frame));
  await until(() => (frames.length > 2 ? true : undefined));
  leave();
  for (const { reading, jpeg } of frames) {
    const picture = decodePicture(Buffer.from(jpeg), 'live');
    expect([picture.cols, picture.rows]).toEqual([reading.width, reading.height]);
    expect(readings.map(({ frame }) => frame)).toContain(reading.frame);
  }
  const [annotated] = await new Promise<LiveFrame[]>((resolve) => {
    const stop = supervisor.subscribe('annotated', (frame) => {
      stop();
      resolve([frame]);
    });
  });
  expect([...annotated!.jpeg.subarray(0, 2)]).toEqual([0xff, 0xd8]);
});

test('a burst of settings changes reloads no network and loses no frame', async () => {
  const settings = visionSettings(config, modelsDir);
  await until(() => readings[0]);
  const described: (string | undefined)[] = [];
  const unsubscribe = board.subscribe(({ vision: { detector } }) => described.push(detector));
  const { restarts } = board.current.vision;
  for (let minFace = 13; minFace <= 400; minFace++) {
    supervisor.changeSettings({ ...settings, detect: { ...settings.detect, minFace } });
  }
  supervisor.changeSettings({ ...settings, classify: { ...settings.classify, uncertain: false } });
  await until(() => (board.current.vision.uncertain === undefined ? true : undefined));
  supervisor.changeSettings(settings);
  await until(() => board.current.vision.uncertain);
  const taken = readings.length;
  await until(() => readings[taken]);
  unsubscribe();
  expect(board.current.vision.restarts).toBe(restarts);
  // A newly loaded detector has no input size yet.
  expect(described).not.toContain('YuNet');
});

test('settings that change while the networks load take effect', async () => {
  const changed = new StateBoard('demo');
  const early = new VisionSupervisor({
    settings: visionSettings(config, modelsDir),
    memoryLimitMb: config.vision.memoryLimitMb,
    board: changed,
    log: heardLog(),
    onReading: () => {},
    entry,
  });
  early.start();
  const { camera, classify, ...rest } = visionSettings(config, modelsDir);
  early.changeSettings({ ...rest, camera: { ...camera, fps: 5 }, classify: { ...classify, uncertain: false } });
  await until(() => (changed.current.camera.state === 'online' ? true : undefined));
  await early.stop();
  expect(changed.current.camera.fps).toBe(5);
  expect(changed.current.vision.uncertain).toBeUndefined();
});

test('a killed process is restarted and reuses no track id', async () => {
  await until(() => readings.find(({ faces }) => faces.length > 0));
  const before = Math.max(...readings.flatMap(({ faces }) => faces.map(({ track }) => track)));
  const { pid } = supervisor;
  process.kill(pid!, 'SIGKILL');
  await until(() => (board.current.vision.restarts === 1 ? true : undefined));
  const taken = readings.length;
  const again = await until(() => readings.slice(taken).find(({ faces }) => faces.length > 0));
  expect(again.faces[0]!.track).toBeGreaterThan(before);
  expect(supervisor.pid).not.toBe(pid);
  await supervisor.stop();
  expect(supervisor.pid).toBeUndefined();
});

/**
 * `node device/dist/bench/recovery.js`: how long the vision process takes to be back, in seconds, after it was killed, after
 * it was stopped (SIGSTOP), after a camera on the network fell silent, and when a camera hangs while it is opened.
 */
import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { openSource } from '../camera/open.ts';
import { configSchema } from '../config/schema.ts';
import { shippedModelsDir } from '../core/manifest.ts';
import { StateBoard } from '../core/state.ts';
import { encodeJpeg } from '../vision/jpeg.ts';
import { visionSettings } from '../vision/messages.ts';
import { VisionSupervisor } from '../vision/supervisor.ts';
import { table } from './table.ts';

interface Row {
  readonly [column: string]: string | number;
}

/** A camera on the network: what each connection after the other does, the last one for ever. */
type Conduct = 'plays' | 'falls silent' | 'says nothing';

async function startCamera(jpeg: Buffer, conducts: readonly Conduct[]) {
  let connections = 0;
  let silentAt = 0;
  const play = async (response: ServerResponse, frames: number) => {
    response.writeHead(200, { 'Content-Type': 'multipart/x-mixed-replace; boundary=frame' });
    for (let count = 0; count < frames && !response.destroyed; count++) {
      response.write(`--frame\r\nContent-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\n\r\n`);
      response.write(jpeg);
      response.write('\r\n');
      await sleep(40);
    }
  };
  const server = createServer(async (_request, response) => {
    const conduct = conducts[Math.min(connections++, conducts.length - 1)];
    if (conduct === 'plays') return play(response, Number.POSITIVE_INFINITY);
    if (conduct === 'falls silent') await play(response, 100);
    silentAt ||= performance.now();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/stream.mjpeg`,
    silentAt: () => silentAt,
    close: () => server.close().closeAllConnections(),
  };
}

/** Plays the source, lets `harm` do its harm, and measures from the moment that it answers. */
async function measure(what: string, source: string, harm: (pid: () => number) => Promise<number>): Promise<Row> {
  const config = configSchema.parse({ camera: { source } });
  const board = new StateBoard(source);
  let readAt = 0;
  const supervisor = new VisionSupervisor({
    settings: visionSettings(config, shippedModelsDir),
    memoryLimitMb: config.vision.memoryLimitMb,
    board,
    log: pino({ level: 'silent' }),
    onReading: () => {
      readAt = performance.now();
    },
  });
  let lostAt = 0;
  let reason = '';
  board.subscribe(({ camera }) => {
    if (camera.state !== 'lost' || lostAt > 0) return;
    lostAt = performance.now();
    reason = camera.reason ?? '';
  });
  supervisor.start();
  const harmedAt = await harm(() => (readAt > 0 ? (supervisor.pid ?? 0) : 0));
  while (lostAt === 0 || readAt < lostAt) await sleep(5);
  const row = {
    harm: what,
    'noticed after s': (lostAt - harmedAt) / 1000,
    'readings after s': (readAt - harmedAt) / 1000,
    restarts: board.current.vision.restarts,
    reason,
  };
  await supervisor.stop();
  return row;
}

/** Once it gives readings, for two seconds. */
function signalling(signal: NodeJS.Signals) {
  return async (pid: () => number) => {
    while (pid() === 0) await sleep(20);
    await sleep(2000);
    process.kill(pid(), signal);
    return performance.now();
  };
}

async function measureCamera(what: string, jpeg: Buffer, conducts: readonly Conduct[]): Promise<Row> {
  const camera = await startCamera(jpeg, conducts);
  const row = await measure(what, camera.url, async () => {
    while (camera.silentAt() === 0) await sleep(5);
    return camera.silentAt();
  });
  camera.close();
  return row;
}

async function onePicture(): Promise<Buffer> {
  const source = await openSource('demo', { width: 640, height: 480, fps: 24, loop: false, pace: 'max' });
  const frame = await source.read(new AbortController().signal);
  const jpeg = encodeJpeg(frame!.mat, 85);
  frame!.mat.release();
  source.close();
  return jpeg;
}

const jpeg = await onePicture();
const load = readFileSync('/proc/loadavg', 'utf8').split(' ')[0]!;
const rows = [
  await measure('kill -9', 'demo', signalling('SIGKILL')),
  await measure('kill -STOP', 'demo', signalling('SIGSTOP')),
  await measureCamera('a network camera falls silent', jpeg, ['falls silent', 'plays']),
  await measureCamera('a network camera says nothing while it is opened', jpeg, ['says nothing', 'plays']),
];
process.stdout.write(table(`Recovery of the vision process (load ${load})`, rows));

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { Visitors } from '../../../cli/simulate/visitors.ts';
import { LiveConfig } from '../../../config/live.ts';
import { configSchema } from '../../../config/schema.ts';
import type { Clock } from '../../../core/clock.ts';
import { happyShareOf, labelCounts } from '../../../core/labels.ts';
import { StateBoard } from '../../../core/state.ts';
import { createLog } from '../../../ops/log.ts';
import { createSinks } from '../../../sinks/sinks.ts';
import { createMinuteLog } from '../../../visits/minutes.ts';
import { createVisitLog } from '../../../visits/visits.ts';
import { FaultBroker } from '../broker.ts';
import { FaultDatabase } from '../database.ts';
import { Recorder } from '../recorder.ts';
import { type Context, describe, type Outcome } from '../stage.ts';
import { judge } from '../verdict.ts';

const scenario = 'two-hour outage';
const readingMs = 250;
const outageMs = 7_200_000;
const visitsPerSecond = 0.25;
const arrivalMs = 60_000;

/** Two hours without a broker, with a clock that is set by hand: the daemon's parts from the reading to the broker. */
export async function twoHours(context: Context): Promise<Outcome> {
  const folder = join(context.folder, 'two-hours');
  mkdirSync(folder);
  const broker = await FaultBroker.start({ folder });
  const recorder = new Recorder(broker.url);
  await recorder.start();
  await broker.stop();

  const clock = handClock(Date.now() - outageMs);
  const device = assemble({ folder, url: broker.url, clock });
  await device.start();
  await device.live(clock, context.random);
  const database = new FaultDatabase(join(folder, 'mien.db'), 'faults-1');
  const rows = database.rows();

  context.showProgress(`${rows.length} records wait for the broker`);
  await broker.start();
  const from = performance.now();
  while (recorder.records.length < rows.length && performance.now() - from < arrivalMs) await sleep(50);
  const tookMs = performance.now() - from;
  await device.stop();
  await recorder.stop();
  await broker.stop('SIGKILL');

  const verdict = judge(rows, recorder.records);
  const live = recorder.records.filter(({ historical }) => !historical);
  const damage = database.damage();
  return {
    ...{ scenario, done: `${outageMs / 60_000} minutes in compressed time, 1 device`, verdict, integrityChecks: 1 },
    notes: [`all delivered ${(tookMs / 1000).toFixed(1)} s after the return of the broker`],
    faults: [
      ...describe(verdict),
      ...(live.length > 0 ? [`${live.length} records not marked historical`] : []),
      ...(rows.length < 1000 ? [`only ${rows.length} records were made`] : []),
      ...(damage ? [damage] : []),
    ],
  };
}

function assemble({ folder, url, clock }: { folder: string; url: string; clock: Clock }) {
  const config = configSchema.parse({ dataDir: folder, mqtt: { url }, device: { name: 'faults-1' } });
  const board = new StateBoard('hand clock');
  board.update('camera', { state: 'online' });
  board.update('vision', { state: 'running' });
  const base = { log: createLog({ level: 'silent', format: 'text' }), board, bootId: 'hand', version: '0', clock };
  const { store, mqtt, delivery } = createSinks({
    ...{ ...base, config, databaseFile: join(folder, 'mien.db'), observer: {} },
    visits: createVisitLog({ ...base, ...config.visits }),
    minutes: createMinuteLog({ ...base, configId: () => 'hand' }),
    health: () => ({ status: 'ok', reasons: [], uptimeS: 0, memoryMb: 0 }),
    privacy: () => ({ purpose: 'a test', items: [] }),
    networkUrls: () => [],
    settings: new LiveConfig(config),
  });
  return {
    async start() {
      await store.start();
      await mqtt.start();
    },
    /** Lets two hours pass, a reading each 250 ms and a tick each second. */
    async live(hand: ReturnType<typeof handClock>, numbers: () => number) {
      const visitors = new Visitors({ numbers, visitsPerSecond, from: 0 });
      for (let at = 0; at <= outageMs; at += readingMs) {
        hand.set(at);
        const faces = visitors.facesAt(at);
        const happyShare = happyShareOf(labelCounts(faces));
        const size = { width: 640, height: 480 };
        delivery.onReading({ frame: at, t: at / 1000, ts: hand.now(), mono: at, ...size, faces, happyShare });
        if (at % 1000 === 0) delivery.tick();
        if (at % 10_000 === 0) await turn();
      }
      delivery.stop();
      // The log writes the last records in the next turn.
      await turn();
    },
    async stop() {
      await mqtt.stop();
      await store.stop();
    },
  };
}

function handClock(start: number) {
  let passed = 0;
  return {
    now: () => start + passed,
    mono: () => passed,
    set: (ms: number) => {
      passed = ms;
    },
  };
}

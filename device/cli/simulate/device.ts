import { randomBytes } from 'node:crypto';
import { configId } from '../../config/config-id.ts';
import { LiveConfig } from '../../config/live.ts';
import type { Config } from '../../config/schema.ts';
import type { Clock } from '../../core/clock.ts';
import { happyShareOf, labelCounts } from '../../core/labels.ts';
import type { Log } from '../../core/log.ts';
import { packageVersion } from '../../core/paths.ts';
import { numbersFrom } from '../../core/seeded-numbers.ts';
import type { Receiver, Sink } from '../../core/sink.ts';
import { StateBoard } from '../../core/state.ts';
import { privacyNotice } from '../../ops/privacy.ts';
import { Delivery } from '../../sinks/delivery.ts';
import { createMqttSink } from '../../sinks/mqtt/mqtt.ts';
import { createMinuteLog } from '../../visits/minutes.ts';
import { createVisitLog } from '../../visits/visits.ts';
import { MemoryOutbox, type MemoryOutboxDeps } from './memory-outbox.ts';
import { simulatedLabels, Visitors } from './visitors.ts';

/** Intervals of the readings, in ms: a camera looks less often while nobody is there. */
const readingMs = { busy: 250, idle: 1000 };
const frame = { width: 640, height: 480, fps: 15 };

export interface SimulatedDeviceDeps {
  readonly name: string;
  readonly config: Config;
  readonly seed: number;
  readonly visitsPerSecond: number;
  readonly duplicates: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly onAcknowledged: MemoryOutboxDeps['onAcknowledged'];
}

/** A device without camera, model and disk: invented readings take the daemon's way to the broker. */
export class SimulatedDevice {
  readonly #clock: Clock;
  readonly #visitors: Visitors;
  readonly #board: StateBoard;
  readonly #outbox: MemoryOutbox;
  readonly #mqtt: Sink;
  readonly #delivery: Delivery;
  readonly #startedAt: number;
  #readAt = 0;
  #frames = 0;
  #lastDwellMs: number | undefined;

  constructor({ name, config, seed, duplicates, clock, log, onAcknowledged, visitsPerSecond }: SimulatedDeviceDeps) {
    const board = onlineBoard();
    const numbers = numbersFrom(seed);
    // Numbers of their own: the people do not depend on the number of repeated messages.
    const repeatNumbers = numbersFrom(seed ^ 0x9e3779b9);
    const base = { clock, log, board, bootId: randomBytes(6).toString('hex'), version: packageVersion };
    this.#clock = clock;
    this.#startedAt = clock.mono();
    this.#board = board;
    this.#visitors = new Visitors({ numbers, visitsPerSecond, from: this.#startedAt });
    this.#outbox = new MemoryOutbox({
      now: clock.now,
      repeats: () => repeatNumbers() < duplicates,
      onAcknowledged,
    });
    this.#mqtt = createMqttSink({
      ...base,
      config: config.mqtt,
      deviceName: name,
      deviceId: name,
      settings: new LiveConfig(config),
      outbox: this.#outbox,
      adminUrl: () => undefined,
      lastDwellMs: () => this.#lastDwellMs,
      health: () => ({ status: 'ok', reasons: [], uptimeS: (clock.mono() - this.#startedAt) / 1000, memoryMb: 60 }),
      privacy: () => privacyNotice(config),
    });
    this.#delivery = new Delivery({
      visits: createVisitLog({ ...base, ...config.visits }),
      minutes: createMinuteLog({ ...base, configId: () => configId(config) }),
      receivers: [this.#outbox, this.#mqtt, this.#observer()],
      log,
      tickMs: 1000,
      sampleMs: config.store.sampleMs,
    });
  }

  get isConnected(): boolean {
    return this.#board.current.mqtt.state === 'connected';
  }

  get outbox() {
    return this.#outbox.condition;
  }

  async start(): Promise<void> {
    await this.#mqtt.start();
    this.#delivery.start();
  }

  /** Makes a reading if one is due. Call it often. */
  step(): void {
    const now = this.#clock.mono();
    const { changesAt } = this.#visitors;
    if (now < Math.min(this.#readAt, changesAt)) return;
    const faces = this.#visitors.facesAt(now);
    this.#readAt = now + (faces.length > 0 ? readingMs.busy : readingMs.idle);
    this.#frames += 1;
    this.#delivery.onReading({
      ...{ frame: this.#frames, t: (now - this.#startedAt) / 1000, ts: this.#clock.now(), mono: now },
      ...{ width: frame.width, height: frame.height, faces, happyShare: happyShareOf(labelCounts(faces)) },
    });
  }

  /** Ends the visits and the minute in progress. Their records still have to be sent. */
  end(): void {
    this.#delivery.stop();
  }

  /** Publishes `offline` and disconnects. */
  stop(): Promise<void> {
    return this.#mqtt.stop();
  }

  #observer(): Receiver {
    return {
      name: 'observer',
      onVisit: ({ dwellMs }) => {
        this.#lastDwellMs = dwellMs;
      },
      onMinute: () => this.#board.update('store', { outbox: this.#outbox.condition }),
    };
  }
}

function onlineBoard(): StateBoard {
  const board = new StateBoard('simulated');
  board.update('camera', { state: 'online', ...frame });
  board.update('vision', {
    ...{
      state: 'running',
      detector: 'simulated',
      model: 'simulated',
      modelId: 'simulated@00000000',
      precision: 'int8',
    },
    ...{ labels: simulatedLabels, uncertain: true, fps: frame.fps, droppedFps: 0, latencyMs: 10, memoryMb: 100 },
  });
  board.update('store', { state: 'ok' });
  return board;
}

import type { MqttTopic } from '../../contract/mqtt/topics.ts';
import type { Clock } from '../../core/clock.ts';
import type { DeviceState, StateBoard } from '../../core/state.ts';
import type { Reading, Visit } from '../../core/types.ts';
import { Moment } from './moment.ts';
import {
  cameraPayload,
  type HealthReport,
  healthPayload,
  type Identity,
  statePayload,
  stoppedPayloads,
} from './payloads.ts';
import { Throttle } from './throttle.ts';

const changesEveryMs = 1000;
const smilesEveryMs = 10_000;
/** Most subscribers store each message in a database, so figures that change all the time are sent rarely. */
const healthEveryMs = 60_000;

export interface StatesDeps extends Identity {
  readonly board: StateBoard;
  readonly clock: Clock;
  /** Name of the active profile. */
  readonly profile: () => string | undefined;
  readonly health: () => HealthReport;
  /** The privacy notice. */
  readonly privacy: () => object;
  /** Dwell of the newest visit in the log, which may be that of an earlier start; undefined without one. */
  readonly lastDwellMs: () => number | undefined;
  readonly isConnected: () => boolean;
  /** Resolves when the broker has accepted the message, rejects otherwise. */
  readonly send: (topic: MqttTopic, ts: number, body: object) => Promise<void>;
}

interface RetainedTopic {
  readonly topic: MqttTopic;
  /** Minimum interval between two messages. */
  readonly everyMs: number;
  readonly body: (state: DeviceState) => object;
}

/**
 * Publishes the present state as retained messages. Each is sent when it changes, and all are sent after a connect. `health` also
 * holds figures that change all the time. A change of these alone sends no message: they go out with `health` once per minute.
 */
export class States {
  readonly #deps: StatesDeps;
  readonly #moment: Moment;
  readonly #topics: readonly RetainedTopic[];
  readonly #throttles = new Map<MqttTopic, Throttle>();
  /** Text of the last accepted message per topic. */
  readonly #lastSent = new Map<MqttTopic, string>();
  /** Visits that ended since the start, and the dwell of the last one. */
  #visits = 0;
  #dwellMs: number | undefined;
  /** Status and reasons in the last `health`, and which figures it had. */
  #condition = '';
  #timers: readonly NodeJS.Timeout[] = [];
  #unsubscribe: (() => void) | undefined;

  constructor(deps: StatesDeps) {
    this.#deps = deps;
    this.#moment = new Moment(deps.clock);
    const moment = this.#moment;
    this.#topics = [
      { topic: 'camera/state', everyMs: changesEveryMs, body: ({ camera }) => cameraPayload(camera) },
      { topic: 'state', everyMs: changesEveryMs, body: (state) => this.#state(state) },
      {
        topic: 'health',
        everyMs: changesEveryMs,
        body: (state) => healthPayload(deps.health(), state, deps.clock.now()),
      },
      { topic: 'people', everyMs: changesEveryMs, body: () => ({ people: moment.people }) },
      { topic: 'expression', everyMs: changesEveryMs, body: () => ({ expression: moment.expression }) },
      { topic: 'smiles', everyMs: smilesEveryMs, body: () => ({ smiles: moment.smiles }) },
      { topic: 'visits', everyMs: changesEveryMs, body: () => this.#visitsBody() },
      { topic: 'privacy', everyMs: changesEveryMs, body: () => deps.privacy() },
    ];
    for (const each of this.#topics) {
      const send = () => void this.#sendIfChanged(each.topic, each.body(deps.board.current));
      this.#throttles.set(each.topic, new Throttle(each.everyMs, deps.clock, () => deps.isConnected() && send()));
    }
  }

  start(): void {
    this.#unsubscribe = this.#deps.board.subscribe((state) => this.#onState(state));
    this.#timers = [
      setInterval(() => this.#request('health'), healthEveryMs),
      setInterval(() => this.#request('smiles'), smilesEveryMs),
    ];
  }

  onReading(reading: Reading): void {
    this.#moment.add(reading);
    this.#request('people', 'expression', 'smiles');
  }

  onVisit({ dwellMs }: Visit): void {
    this.#visits += 1;
    this.#dwellMs = dwellMs;
    this.#request('visits');
  }

  /** Sends everything again: the broker may have lost the retained messages. */
  sendAll(): void {
    this.#lastSent.clear();
    for (const throttle of this.#throttles.values()) throttle.reset();
    this.#request(...this.#throttles.keys());
  }

  /** Sends what the broker has not accepted. */
  sendRefused(): void {
    for (const topic of this.#throttles.keys()) if (!this.#lastSent.has(topic)) this.#request(topic);
  }

  /** The configuration has changed. */
  settingsChanged(): void {
    this.#request('privacy', 'state');
  }

  /** Publishes the stopped state, so that the retained messages are correct while nothing runs. */
  async stop(): Promise<void> {
    const { board, isConnected, clock, health } = this.#deps;
    this.#unsubscribe?.();
    for (const timer of this.#timers) clearInterval(timer);
    for (const throttle of this.#throttles.values()) throttle.cancel();
    if (!isConnected()) return;
    const { camera, state } = stoppedPayloads(board.current, this.#deps);
    const last = healthPayload({ ...health(), status: 'stopped', reasons: [] }, board.current, clock.now());
    await Promise.all([
      this.#sendIfChanged('camera/state', camera),
      this.#sendIfChanged('state', state),
      this.#sendIfChanged('health', last),
      this.#sendIfChanged('people', { people: 0 }),
      this.#sendIfChanged('expression', { expression: 'none' }),
      this.#sendIfChanged('smiles', { smiles: null }),
      this.#sendIfChanged('visits', this.#visitsBody()),
    ]);
  }

  #visitsBody(): object {
    return { visits: this.#visits, dwell_ms: this.#dwellMs ?? this.#deps.lastDwellMs() ?? null };
  }

  #state(state: DeviceState): object {
    const { version, deviceId, profile } = this.#deps;
    return statePayload(state, { version, deviceId, profile: profile() });
  }

  #onState(state: DeviceState): void {
    this.#request('camera/state', 'state');
    if (state.camera.state !== 'online') {
      this.#moment.clear();
      this.#request('people', 'expression');
    }
    const { status, reasons } = this.#deps.health();
    const condition = JSON.stringify([status, reasons, knownFigures(state)]);
    if (condition === this.#condition) return;
    this.#condition = condition;
    this.#request('health');
  }

  #request(...topics: MqttTopic[]): void {
    if (!this.#deps.isConnected()) return;
    for (const topic of topics) this.#throttles.get(topic)!.request();
  }

  async #sendIfChanged(topic: MqttTopic, body: object): Promise<void> {
    const text = JSON.stringify(body);
    if (this.#lastSent.get(topic) === text) return;
    this.#lastSent.set(topic, text);
    try {
      await this.#deps.send(topic, this.#deps.clock.now(), body);
    } catch {
      // Not accepted: the next change sends it again, or `sendRefused`. `send` has logged the reason.
      this.#lastSent.delete(topic);
    }
  }
}

/** A figure that becomes known is sent at once, not only a minute later. */
function knownFigures({ vision, governor, store }: DeviceState): readonly boolean[] {
  const figures = [vision.fps, vision.latencyMs, vision.memoryMb, governor?.temperatureC, store.writtenMbPerDay];
  return figures.map((figure) => figure !== undefined);
}

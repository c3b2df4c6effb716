import type { Config } from '../../config/schema.ts';
import { type Clock, wait } from '../../core/clock.ts';
import type { Log } from '../../core/log.ts';
import { SimulatedDevice } from './device.ts';
import { Tally, type Totals } from './tally.ts';

const stepMs = 50;
/** A thousand handshakes at once would exceed the broker's backlog of connections. */
const startEveryMs = 5;
/** Number of devices that stop at the same time. */
const stopsAtOnce = 50;
const lastRecordsMs = 20_000;

export interface FleetDeps {
  readonly config: Config;
  readonly devices: number;
  /** Number of the first device. */
  readonly first: number;
  /** Of all devices together. */
  readonly visitsPerSecond: number;
  /** Share of the records that are sent twice. */
  readonly duplicates: number;
  readonly seed: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** Simulated devices, a connection each. */
export class Fleet {
  readonly #deps: FleetDeps;
  readonly #tally = new Tally();
  readonly #devices: readonly SimulatedDevice[];
  /** Those of `#devices` that have begun. */
  readonly #started: SimulatedDevice[] = [];
  readonly #startedAt: number;
  #stepper: NodeJS.Timeout | undefined;

  constructor(deps: FleetDeps) {
    const { devices, first, visitsPerSecond, seed } = deps;
    this.#deps = deps;
    this.#startedAt = deps.clock.mono();
    this.#devices = Array.from({ length: devices }, (_, index) => {
      const name = nameOf(first + index);
      return new SimulatedDevice({
        ...deps,
        name,
        config: { ...deps.config, mqtt: loginOf(deps.config.mqtt, name) },
        seed: seed * 100_003 + first + index,
        visitsPerSecond: visitsPerSecond / devices,
        onAcknowledged: (...acknowledged) => this.#tally.add(...acknowledged),
      });
    });
  }

  /** Number of acknowledged messages. */
  get messages(): number {
    return this.#tally.messages;
  }

  get connected(): number {
    return this.#started.filter(({ isConnected }) => isConnected).length;
  }

  async start(signal: AbortSignal): Promise<void> {
    this.#stepper = setInterval(() => {
      for (const device of this.#started) device.step();
    }, stepMs);
    for (const device of this.#devices) {
      if (signal.aborted) return;
      await device.start();
      this.#started.push(device);
      await wait(startEveryMs, signal);
    }
  }

  /** Sends the remaining records, publishes `offline` and disconnects. A device that has not begun has nothing to send. */
  async stop(): Promise<void> {
    clearInterval(this.#stepper);
    for (const device of this.#started) device.end();
    const { clock } = this.#deps;
    const until = clock.mono() + lastRecordsMs;
    while (this.#waiting > 0 && this.connected > 0 && clock.mono() < until) await wait(stepMs);
    for (let index = 0; index < this.#started.length; index += stopsAtOnce) {
      await Promise.all(this.#started.slice(index, index + stopsAtOnce).map((device) => device.stop()));
    }
  }

  totals(): Totals {
    const lost = this.#started.reduce((sum, { outbox }) => sum + outbox.lost, 0);
    const seconds = (this.#deps.clock.mono() - this.#startedAt) / 1000;
    return { devices: this.#started.length, seconds, ...this.#tally.totals(), waiting: this.#waiting, lost };
  }

  get #waiting(): number {
    return this.#started.reduce((sum, { outbox }) => sum + outbox.waiting, 0);
  }
}

export function nameOf(number: number): string {
  return `sim-${String(number).padStart(5, '0')}`;
}

/** Puts the name of the device into the user name and the password. */
function loginOf(mqtt: Config['mqtt'], device: string): Config['mqtt'] {
  const filled = (template: string | undefined) => template?.replaceAll('{device}', device);
  return { ...mqtt, username: filled(mqtt.username), password: filled(mqtt.password) };
}

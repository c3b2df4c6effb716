import type { Config } from '../../../config/schema.ts';
import type { Clock } from '../../../core/clock.ts';
import type { DeviceState, StateBoard } from '../../../core/state.ts';
import type { ReceivedMessage } from '../connection.ts';
import { type DeviceFacts, discoveryOf, discoveryTopic } from './discovery.ts';

/** Maximum random delay after a birth message, so that the devices of a fleet do not answer at the same moment. */
const jitterMs = 1000;
/** Minimum interval between two answers to birth messages, which anybody at the broker may send. */
const birthEveryMs = 5000;
/** Time after which a board without a reported temperature counts as one without a sensor. */
const settledMs = 60_000;

export interface HomeAssistantDeps {
  readonly config: Config['mqtt']['homeAssistant'];
  readonly facts: Omit<DeviceFacts, 'labels' | 'hasTemperature' | 'adminUrl'>;
  readonly adminUrl: () => string | undefined;
  readonly board: StateBoard;
  readonly clock: Clock;
  readonly publish: (topic: string, payload: string) => void;
  /** Requests `announce`, and the states after it. */
  readonly onDue: () => void;
}

/**
 * Announces the device to Home Assistant: after each connect, when Home Assistant has started (its birth message), and when
 * the entities change, because the labels of the model or the sensor of the board have become known.
 *
 * The message is not retained: a device that is gone would come back with each restart of Home Assistant.
 */
export class HomeAssistant {
  readonly #deps: HomeAssistantDeps;
  #labels: readonly string[] | undefined;
  #hasTemperature: boolean | undefined;
  #announced = '';
  #birthAnsweredAt = Number.NEGATIVE_INFINITY;
  #birthTimer: NodeJS.Timeout | undefined;
  #settledTimer: NodeJS.Timeout | undefined;
  #unsubscribe: (() => void) | undefined;

  constructor(deps: HomeAssistantDeps) {
    this.#deps = deps;
  }

  /** Topic of the birth message. */
  get statusTopic(): string {
    return `${this.#deps.config.discoveryPrefix}/status`;
  }

  /** Topic of the announcement. */
  get topic(): string {
    return discoveryTopic(this.#deps.config.discoveryPrefix, this.#deps.facts.deviceId);
  }

  start(): void {
    const { board, config } = this.#deps;
    if (!config.enabled) return;
    this.#learn(board.current);
    this.#unsubscribe = board.subscribe((state) => {
      this.#learn(state);
      this.#announceChange();
    });
    this.#settledTimer = setTimeout(() => {
      this.#hasTemperature ??= false;
      this.#announceChange();
    }, settledMs);
  }

  stop(): void {
    this.#unsubscribe?.();
    clearTimeout(this.#birthTimer);
    clearTimeout(this.#settledTimer);
  }

  /** Called once per connection, and for each `onDue`. */
  announce(): void {
    const { config, facts, adminUrl, publish } = this.#deps;
    if (!config.enabled) return;
    clearTimeout(this.#birthTimer);
    this.#birthTimer = undefined;
    this.#announced = this.#key();
    const discovery = discoveryOf({
      ...facts,
      adminUrl: adminUrl(),
      labels: this.#labels,
      hasTemperature: this.#hasTemperature,
    });
    publish(this.topic, JSON.stringify(discovery));
  }

  onMessage({ topic, payload }: ReceivedMessage): void {
    if (topic !== this.statusTopic || Buffer.from(payload).toString() !== 'online' || this.#birthTimer) return;
    const { clock, onDue } = this.#deps;
    const soonestMs = this.#birthAnsweredAt + birthEveryMs - clock.mono();
    const answer = () => {
      this.#birthAnsweredAt = clock.mono();
      onDue();
    };
    this.#birthTimer = setTimeout(answer, Math.max(jitterMs * Math.random(), soonestMs));
  }

  /** A model that is loaded again, and a sensor that fails once, change nothing. */
  #learn({ vision, governor }: DeviceState): void {
    this.#labels = vision.labels ?? this.#labels;
    if (governor?.temperatureC !== undefined) this.#hasTemperature = true;
  }

  #announceChange(): void {
    if (this.#announced !== '' && this.#announced !== this.#key()) this.#deps.onDue();
  }

  #key(): string {
    return JSON.stringify([this.#labels, this.#hasTemperature]);
  }
}

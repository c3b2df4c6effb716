import type { MqttTopic } from '../../contract/mqtt.ts';
import type { Clock } from '../../core/clock.ts';
import type { StateBoard } from '../../core/state.ts';
import { cameraPayload, figuresPayload, statePayload, stoppedPayloads } from './payloads.ts';
import { Throttle } from './throttle.ts';

const stateEveryMs = 1000;
/** Each message is kept in a database by most of those who listen: a figure that always moves must not make many. */
const figuresEveryMs = 60_000;

export interface StatesDeps {
  readonly board: StateBoard;
  readonly clock: Clock;
  readonly version: string;
  readonly isConnected: () => boolean;
  /** Resolves when the broker has taken the message; rejects where it did not. */
  readonly send: (topic: MqttTopic, ts: number, body: object) => Promise<void>;
}

/**
 * Publishes what the state board says: `state` and `camera/state` retained and only when they change, and the figures that
 * always move on a topic of their own, `figures`, at most once a minute.
 */
export class States {
  readonly #deps: StatesDeps;
  readonly #state: Throttle;
  readonly #figures: Throttle;
  /** What the broker was given last, per topic. */
  readonly #given = new Map<MqttTopic, string>();
  #unsubscribe: (() => void) | undefined;

  constructor(deps: StatesDeps) {
    this.#deps = deps;
    const due = (send: () => void) => () => {
      if (deps.isConnected()) send();
    };
    this.#state = new Throttle(
      stateEveryMs,
      deps.clock,
      due(() => this.#sendStates()),
    );
    this.#figures = new Throttle(
      figuresEveryMs,
      deps.clock,
      due(() => this.#sendFigures()),
    );
  }

  start(): void {
    this.#unsubscribe = this.#deps.board.subscribe(() => this.#request());
  }

  /** The broker may have lost what it had: everything is sent again. */
  connected(): void {
    this.#given.clear();
    this.#state.reset();
    this.#figures.reset();
    this.#request();
  }

  /** Publishes that the device has stopped, so that what the broker keeps is true while nothing runs. */
  async stop(): Promise<void> {
    const { board, version, isConnected } = this.#deps;
    this.#unsubscribe?.();
    this.#state.cancel();
    this.#figures.cancel();
    if (isConnected()) await this.#sendBoth(stoppedPayloads(board.current, version));
  }

  #request(): void {
    if (!this.#deps.isConnected()) return;
    this.#state.request();
    // An empty message would use up the minute.
    if (Object.keys(figuresPayload(this.#deps.board.current)).length > 0) this.#figures.request();
  }

  #sendStates(): void {
    const { current } = this.#deps.board;
    const both = { camera: cameraPayload(current.camera), state: statePayload(current, this.#deps.version) };
    void this.#sendBoth(both);
  }

  async #sendBoth({ camera, state }: { camera: object; state: object }): Promise<void> {
    await Promise.all([this.#sendIfChanged('camera/state', camera), this.#sendIfChanged('state', state)]);
  }

  #sendFigures(): void {
    void this.#sendIfChanged('figures', figuresPayload(this.#deps.board.current));
  }

  async #sendIfChanged(topic: MqttTopic, body: object): Promise<void> {
    const text = JSON.stringify(body);
    if (this.#given.get(topic) === text) return;
    this.#given.set(topic, text);
    try {
      await this.#deps.send(topic, this.#deps.clock.now(), body);
    } catch {
      // The broker does not have it: the next change is another try. `send` has said why.
      this.#given.delete(topic);
    }
  }
}

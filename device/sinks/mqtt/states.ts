import type { MqttTopic } from '../../contract/mqtt.ts';
import type { Clock } from '../../core/clock.ts';
import type { StateBoard } from '../../core/state.ts';
import { cameraPayload, figuresPayload, statePayload, stoppedPayloads } from './payloads.ts';
import { Throttle } from './throttle.ts';

const stateEveryMs = 1000;
/** Most subscribers store each message in a database, so figures that change all the time are sent rarely. */
const figuresEveryMs = 60_000;

export interface StatesDeps {
  readonly board: StateBoard;
  readonly clock: Clock;
  readonly version: string;
  readonly isConnected: () => boolean;
  /** Resolves when the broker has accepted the message, rejects otherwise. */
  readonly send: (topic: MqttTopic, ts: number, body: object) => Promise<void>;
}

/**
 * Publishes the state board. `state` and `camera/state` are retained and sent only when they change. The figures that change
 * all the time have their own topic, `figures`, and are sent at most once per minute.
 */
export class States {
  readonly #deps: StatesDeps;
  readonly #state: Throttle;
  readonly #figures: Throttle;
  /** Text of the last accepted message per topic. */
  readonly #lastSent = new Map<MqttTopic, string>();
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

  /** The broker may have lost the retained messages, so everything is sent again. */
  connected(): void {
    this.#lastSent.clear();
    this.#state.reset();
    this.#figures.reset();
    this.#request();
  }

  /** Publishes the stopped state, so that the retained messages are correct while nothing runs. */
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
    // An empty message would block the next figures for a minute.
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
    if (this.#lastSent.get(topic) === text) return;
    this.#lastSent.set(topic, text);
    try {
      await this.#deps.send(topic, this.#deps.clock.now(), body);
    } catch {
      // Not accepted: the next change sends it again. `send` has logged the reason.
      this.#lastSent.delete(topic);
    }
  }
}

import type { StateBoard } from '../../core/state.ts';

const loadingReason = 'The vision process is loading its libraries and networks. A slow board needs minutes for this';
const measuringReason =
  'The vision process is measuring its networks with the first picture. A slow board needs minutes for this';

/** Duration from which a measurement is shown, in ms. Most boards need less, and each change of the settings measures. */
const shownAfterMs = 1000;

/** Shows on the state board that the camera waits for the vision process, which loads or measures. */
export class LoadingState {
  readonly #board: StateBoard;
  #measuring: NodeJS.Timeout | undefined;

  constructor(board: StateBoard) {
    this.#board = board;
  }

  /** The process has started. A lost camera stays `lost` until it is back. */
  showLoading(): void {
    if (this.#board.current.camera.state === 'starting') this.#show(loadingReason);
  }

  /** A picture has arrived and is measured. */
  showMeasuring(): void {
    this.#measuring ??= setTimeout(() => this.#show(measuringReason), shownAfterMs);
  }

  /**
   * The process has done it, or has ended.
   *
   * @param state state of the camera from now on, if it was loading
   */
  clear(state: 'starting' | 'online'): void {
    clearTimeout(this.#measuring);
    this.#measuring = undefined;
    if (this.#board.current.camera.state !== 'loading') return;
    this.#board.update('camera', { state, reason: undefined, code: undefined });
  }

  #show(reason: string): void {
    this.#board.update('camera', { state: 'loading', reason, code: undefined });
  }
}

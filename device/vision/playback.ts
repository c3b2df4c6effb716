import type { VisionSettings } from './messages.ts';

/** The daemon's current instructions for the vision process: its settings, and whether it is paused. */
export class Playback {
  #settings: VisionSettings;
  #paused = false;
  #sourceLifetime = new AbortController();

  constructor(settings: VisionSettings) {
    this.#settings = settings;
  }

  get settings(): VisionSettings {
    return this.#settings;
  }

  /** While paused the camera is closed and nothing is processed. */
  get paused(): boolean {
    return this.#paused;
  }

  /**
   * Aborts when the source must be closed or may be opened: at the start and end of a pause, and when the camera's
   * settings change.
   */
  get sourceSignal(): AbortSignal {
    return this.#sourceLifetime.signal;
  }

  pause(paused: boolean): void {
    if (paused === this.#paused) return;
    this.#paused = paused;
    this.#renewSource();
  }

  change(settings: VisionSettings): void {
    const sameCamera = JSON.stringify(settings.camera) === JSON.stringify(this.#settings.camera);
    this.#settings = settings;
    if (!sameCamera) this.#renewSource();
  }

  #renewSource(): void {
    const ended = this.#sourceLifetime;
    this.#sourceLifetime = new AbortController();
    ended.abort();
  }
}

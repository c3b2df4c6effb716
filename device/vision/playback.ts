import type { VisionSettings } from './messages.ts';

/** What the daemon wants of the vision process at this moment: with which settings, and whether at all. */
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

  /** While paused the camera is closed, and nothing is looked at. */
  get paused(): boolean {
    return this.#paused;
  }

  /** Aborts when the source must be closed, or may be opened: at a pause, at its end, and when the camera's settings change. */
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

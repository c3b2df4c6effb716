import type { Screen } from '../../contract/device.ts';

/** Remembers the last sign of life of a kiosk page: whether a screen really shows it. */
export class ScreenWatch {
  #newest: Screen | undefined;

  get newest(): Screen | undefined {
    return this.#newest;
  }

  seen(screen: Screen): void {
    this.#newest = screen;
  }
}

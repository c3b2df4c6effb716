import type { Screen } from '../../contract/device.ts';

/** Holds the newest heartbeat of a kiosk page, which shows that a screen displays it. */
export class ScreenWatch {
  #newest: Screen | undefined;

  get newest(): Screen | undefined {
    return this.#newest;
  }

  update(screen: Screen): void {
    this.#newest = screen;
  }
}

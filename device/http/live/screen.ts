import type { Screen } from '../../contract/device.ts';

/** Time for which a heartbeat of the device's own screen takes precedence over those of others, in ms. */
const precedenceMs = 30_000;

/** Holds the newest heartbeat of a kiosk page, which shows that a screen displays it. */
export class ScreenWatch {
  #newest: Screen | undefined;
  #ownUntil = Number.NEGATIVE_INFINITY;

  get newest(): Screen | undefined {
    return this.#newest;
  }

  /**
   * A phone with the page open must not hide the screen of the device, nor that it no longer draws.
   *
   * @param mono monotonic ms
   */
  update(screen: Screen, mono: number): void {
    if (screen.onDevice) this.#ownUntil = mono + precedenceMs;
    else if (mono < this.#ownUntil) return;
    this.#newest = screen;
  }
}

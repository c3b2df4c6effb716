import { setTimeout as sleep } from 'node:timers/promises';

/** A check that exceeds its limit goes on for this multiple of it, so that its line says how long it took. */
const overrunFactor = 4;

/** Prints one line per check, and counts those that are wrong. */
export class Checks {
  wrong = 0;

  report(isRight: boolean, text: string): void {
    if (!isRight) this.wrong += 1;
    console.log(`${isRight ? 'ok    ' : 'WRONG '}${text}`);
  }

  /**
   * Repeats the check until nothing is missing.
   *
   * @param missing names what is missing; empty if all is as expected
   * @param since start of the time that is printed, ms of `performance.now()`
   */
  async within(
    limitS: number,
    text: string,
    missing: () => Promise<readonly string[]> | readonly string[],
    since = performance.now(),
  ): Promise<void> {
    let left: readonly string[];
    do {
      left = await missing();
      if (left.length === 0) {
        const seconds = (performance.now() - since) / 1000;
        return this.report(seconds <= limitS, `${text} (after ${seconds.toFixed(1)} s, at most ${limitS} s)`);
      }
      await sleep(100);
    } while (performance.now() - since < limitS * 1000 * overrunFactor);
    this.report(false, `${text}: after ${limitS * overrunFactor} s still ${left.join('; ')}`);
  }
}

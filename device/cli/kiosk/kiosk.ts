import { Backoff } from '../../core/backoff.ts';
import { type Clock, wait } from '../../core/clock.ts';
import type { Log } from '../../core/log.ts';
import type { Backlight } from './backlight.ts';
import { BeatWatch, type Look } from './beat-watch.ts';
import type { DaemonPage } from './daemon-page.ts';
import type { Session } from './session.ts';

/** Interval of the looks at the daemon, in ms. */
const lookEveryMs = 5000;
/** The same while the screen is off: a person who comes should not wait for it. */
const lookWhileOffMs = 500;
const retryMs = 1000;
/** A session that lasted this long, in ms, was no failed start. */
const lastingMs = 60_000;
/** Interval at which a fault that repeats is logged again, in ms. */
const remindEveryMs = 600_000;

export interface KioskDeps {
  readonly page: Pick<DaemonPage, 'url' | 'unreachable' | 'screen'>;
  readonly start: () => Session;
  readonly isScreenConnected: () => boolean;
  readonly backlight: Pick<Backlight, 'switch'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Keeps a browser with the live page on the screen: starts it again when it ends, and when its page is silent. */
export class Kiosk {
  readonly #deps: KioskDeps;
  readonly #backoff = new Backoff([250, 1000, 2000, 5000, 10_000, 30_000]);
  #failedStarts = 0;
  /** When each fault was logged, monotonic ms; empty once the page is live. */
  readonly #loggedAt = new Map<string, number>();

  constructor(deps: KioskDeps) {
    this.#deps = deps;
  }

  /** Resolves once the signal aborts and every process has ended. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, start } = this.#deps;
    while (!signal.aborted) {
      await this.#untilDaemonAnswers(signal);
      if (signal.aborted) return;
      const session = start();
      const startedAt = clock.mono();
      const fault = await this.#watch(session, signal);
      await this.#light(true);
      // What ending it prints is no cause.
      const output = lastOutput(session);
      await session.end();
      if (fault === undefined) return;
      if (clock.mono() - startedAt >= lastingMs) this.#backoff.reset();
      const delayMs = this.#backoff.next();
      this.#warn(`The browser is started again, because it ${fault}${output}`);
      await wait(delayMs, signal);
    }
  }

  /** The first page that a browser loads must be there: it does not load an error page again. */
  async #untilDaemonAnswers(signal: AbortSignal): Promise<void> {
    const { page, log } = this.#deps;
    let reason = await page.unreachable();
    if (reason === undefined) return;
    log.info(`Waiting for Mien at ${page.url}: ${reason}`);
    while (reason !== undefined && !signal.aborted) {
      await wait(retryMs, signal);
      reason = await page.unreachable();
    }
  }

  /** @returns what is wrong with the browser; undefined once the signal aborts */
  async #watch(session: Session, signal: AbortSignal): Promise<string | undefined> {
    const { clock, log } = this.#deps;
    const startedAt = clock.mono();
    const watch = new BeatWatch(startedAt, this.#failedStarts);
    const over = new AbortController();
    const stop = () => over.abort();
    signal.addEventListener('abort', stop);
    let ended: string | undefined;
    void session.ended.then((reason) => {
      ended = reason;
      over.abort();
    });
    try {
      while (!over.signal.aborted) {
        const wasLive = watch.hasBeat;
        const look = await this.#look();
        const silentMs = watch.update(look, clock.mono());
        await this.#light(!look.isOff);
        if (watch.hasBeat && !wasLive) {
          this.#failedStarts = 0;
          this.#loggedAt.clear();
          log.info(`The page is live; its first heartbeat came after ${seconds(clock.mono() - startedAt)}`);
        }
        if (silentMs !== undefined && !over.signal.aborted) {
          this.#failedStarts += watch.hasBeat ? 0 : 1;
          return `does not draw the page, which sent no heartbeat for ${seconds(silentMs)}`;
        }
        await wait(look.isOff ? lookWhileOffMs : lookEveryMs, over.signal);
      }
      return signal.aborted ? undefined : ended;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** The page says when the screen may be off. Without its word the screen is on, so that a fault is seen. */
  async #light(isOn: boolean): Promise<void> {
    const fault = await this.#deps.backlight.switch(isOn);
    if (fault !== undefined) this.#warn(`The backlight cannot be switched ${isOn ? 'on' : 'off'}. ${fault}`);
  }

  async #look(): Promise<Look & { isOff: boolean }> {
    const { page, isScreenConnected } = this.#deps;
    const answer = await page.screen();
    if (answer.kind === 'locked') {
      this.#warn(
        'Mien wants a login on the device itself, so the heartbeat of the page is not watched. Set http.loopbackLogin to never',
      );
    }
    const isConnected = isScreenConnected();
    if (!isConnected) this.#warn('No screen is connected. Check its cable and its power');
    return {
      seenAt: answer.kind === 'beat' ? answer.seenAt : undefined,
      canDraw: answer.kind === 'beat' && isConnected,
      isOff: answer.kind === 'beat' && answer.light === 'off',
    };
  }

  /** Logs a fault, and again after 10 minutes if it lasts. Figures and output do not make it another fault. */
  #warn(text: string): void {
    const { clock, log } = this.#deps;
    const [fault = text] = text.split(/\d|\. /, 1);
    const loggedAt = this.#loggedAt.get(fault);
    if (loggedAt !== undefined && clock.mono() - loggedAt < remindEveryMs) return;
    this.#loggedAt.set(fault, clock.mono());
    log.warn(text);
  }
}

/** Compositor and browser print why they fail; a daemon's log needs no more of it. */
function lastOutput(session: Session): string {
  const line = session.lastLine();
  return line === '' ? '' : `. The last line of its output: ${JSON.stringify(line)}`;
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}

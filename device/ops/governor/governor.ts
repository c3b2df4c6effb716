import type { Config } from '../../config/schema.ts';
import { type Clock, wait } from '../../core/clock.ts';
import type { Control } from '../../core/control.ts';
import type { Part } from '../../core/lifecycle.ts';
import type { Log } from '../../core/log.ts';
import type { StateBoard } from '../../core/state.ts';
import { type BoardHealth, readBoardHealth } from './board-health.ts';
import { RateSteps } from './rate-steps.ts';

export interface GovernorDeps {
  readonly settings: { readonly current: Pick<Config, 'governor' | 'camera'> };
  readonly control: Pick<Control<never>, 'limitRate'>;
  readonly board: StateBoard;
  readonly log: Log;
  readonly clock: Clock;
  /** Reads the health of the board; tests replace it. */
  readonly readBoardHealth?: () => Promise<BoardHealth>;
  readonly checkMs?: number;
}

/**
 * Lowers the frame rate while the board is too hot or short of power. The firmware would throttle the board later, abruptly
 * and without a reason. A board that reports neither temperature nor throttling has no governor.
 */
export class Governor implements Part {
  readonly name = 'governor';
  readonly #deps: GovernorDeps;
  readonly #steps: RateSteps;
  readonly #stopping = new AbortController();
  #fpsLimit: number;
  #share = 1;
  #finished: Promise<void> | undefined;

  constructor(deps: GovernorDeps) {
    this.#deps = deps;
    this.#steps = new RateSteps(deps.settings.current.governor);
    this.#fpsLimit = deps.settings.current.camera.fps;
  }

  start(): void {
    const { governor, camera } = this.#deps.settings.current;
    // Without a pace, frames are read as fast as possible, and there is no rate to lower.
    if (!governor.enabled || camera.pace !== 'source') return;
    this.#finished = this.#keepChecking(this.#stopping.signal);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#finished;
  }

  async #keepChecking(signal: AbortSignal): Promise<void> {
    const { readBoardHealth: read = readBoardHealth, checkMs = 5000, clock } = this.#deps;
    let boardHealth = await read();
    if (boardHealth.temperatureC === undefined && boardHealth.throttled === undefined) return;
    while (!signal.aborted) {
      this.#govern(boardHealth, clock.mono());
      await wait(checkMs, signal);
      if (!signal.aborted) boardHealth = await read();
    }
  }

  #govern({ temperatureC, throttled }: BoardHealth, mono: number): void {
    const { board, control, settings } = this.#deps;
    const { fps } = settings.current.camera;
    const { share, reason, code } = this.#steps.judge({ temperatureC, throttled }, mono);
    // The camera may give fewer frames than requested. The share is taken of the frames that it gives.
    const givenFps = Math.min(fps, board.current.camera.fps ?? fps);
    // A rate that rounds to 0 would stop the analysis.
    const fpsLimit = share === 1 ? fps : Math.max(0.1, Math.round(givenFps * share * 10) / 10);
    board.update('governor', {
      state: share === 1 ? 'full' : 'reduced',
      fpsLimit,
      reason,
      code,
      temperatureC: temperatureC === undefined ? undefined : Math.round(temperatureC),
      throttled,
    });
    if (share !== this.#share) this.#logStep(share, { fpsLimit, fps, reason });
    if (fpsLimit !== this.#fpsLimit) control.limitRate(fpsLimit, { source: 'governor' });
    this.#share = share;
    this.#fpsLimit = fpsLimit;
  }

  #logStep(share: number, { reason, ...rates }: { fpsLimit: number; fps: number; reason: string | undefined }): void {
    const { log } = this.#deps;
    if (share < this.#share) log.warn(rates, `Analyses fewer frames per second: ${reason}`);
    else log.info(rates, 'Looks at more frames a second again');
  }
}

import type { Config } from '../../config/schema.ts';
import { type Clock, wait } from '../../core/clock.ts';
import type { Control } from '../../core/control.ts';
import type { Part } from '../../core/lifecycle.ts';
import type { Log } from '../../core/log.ts';
import type { StateBoard } from '../../core/state.ts';
import { RateSteps } from './rate-steps.ts';
import { readStrain, type Strain } from './strain.ts';

export interface GovernorDeps {
  readonly settings: { readonly current: Pick<Config, 'governor' | 'camera'> };
  readonly control: Pick<Control<never>, 'limitRate'>;
  readonly board: StateBoard;
  readonly log: Log;
  readonly clock: Clock;
  /** What the board says; tests say something else. */
  readonly readStrain?: () => Promise<Strain>;
  readonly checkMs?: number;
}

/**
 * Lets the device do less while its board is too hot or short of power: what the firmware would do later, in jerks and
 * without saying why. A board that tells neither its temperature nor its throttling has no governor.
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
    // "As fast as possible" is no rate that could be stepped down.
    if (!governor.enabled || camera.pace !== 'source') return;
    this.#finished = this.#keepChecking(this.#stopping.signal);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#finished;
  }

  async #keepChecking(signal: AbortSignal): Promise<void> {
    const { readStrain: read = readStrain, checkMs = 5000, clock } = this.#deps;
    let strain = await read();
    if (strain.temperatureC === undefined && strain.throttled === undefined) return;
    while (!signal.aborted) {
      this.#govern(strain, clock.mono());
      await wait(checkMs, signal);
      if (!signal.aborted) strain = await read();
    }
  }

  #govern({ temperatureC, throttled }: Strain, mono: number): void {
    const { board, control, settings } = this.#deps;
    const { fps } = settings.current.camera;
    const { share, reason, code } = this.#steps.judge({ temperatureC, throttled }, mono);
    // A camera that gives fewer frames than were asked for would not notice a share of those.
    const given = Math.min(fps, board.current.camera.fps ?? fps);
    // Rounded to none at all it would be no rate.
    const fpsLimit = share === 1 ? fps : Math.max(0.1, Math.round(given * share * 10) / 10);
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
    if (share < this.#share) log.warn(rates, `Looks at fewer frames a second: ${reason}`);
    else log.info(rates, 'Looks at more frames a second again');
  }
}

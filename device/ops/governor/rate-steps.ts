import type { GovernorCode } from '../../core/codes.ts';
import type { BoardHealth } from './board-health.ts';

export interface StepLimits {
  /** Temperature from which the processor counts as hot, in degrees Celsius. */
  readonly hotC: number;
  /** Degrees below `hotC` at which the processor counts as cooled down. */
  readonly coolByC: number;
  /** Minimum time between two steps down, in ms. The temperature follows the load slowly. */
  readonly stepDownMs: number;
  /** Time without a fault before a step up, in ms. */
  readonly stepUpMs: number;
}

/** Share of the frames that is analysed, 0..1. */
export interface RateStep {
  readonly share: number;
  /** Why the share is below 1, with the remedy. */
  readonly reason?: string;
  readonly code?: GovernorCode;
}

interface BoardFault {
  readonly reason: string;
  readonly code: GovernorCode;
}

const shares = [1, 0.66, 0.5, 0.33] as const;

/** Steps the share down while the board reports a fault, and up after it has recovered. Between the two limits it stays. */
export class RateSteps {
  readonly #limits: StepLimits;
  #level = 0;
  #fault: BoardFault | undefined;
  #steppedAt = Number.NEGATIVE_INFINITY;
  #healthySince: number | undefined;

  constructor(limits: StepLimits) {
    this.#limits = limits;
  }

  /** @param mono monotonic ms; must not decrease */
  judge(boardHealth: BoardHealth, mono: number): RateStep {
    const fault = this.#faultOf(boardHealth);
    if (!this.#isHealthy(boardHealth)) this.#healthySince = undefined;
    else this.#healthySince ??= mono;
    if (fault !== undefined) this.#stepDown(fault, mono);
    else if (this.#healthySince !== undefined) this.#stepUp(this.#healthySince, mono);
    const share = shares[this.#level]!;
    return { share, ...this.#fault };
  }

  #stepDown(fault: BoardFault, mono: number): void {
    if (this.#level === shares.length - 1 || mono - this.#steppedAt < this.#limits.stepDownMs) return;
    this.#level += 1;
    this.#steppedAt = mono;
    this.#fault = fault;
  }

  #stepUp(healthySince: number, mono: number): void {
    if (this.#level === 0 || mono - Math.max(healthySince, this.#steppedAt) < this.#limits.stepUpMs) return;
    this.#level -= 1;
    this.#steppedAt = mono;
    if (this.#level === 0) this.#fault = undefined;
  }

  #faultOf({ temperatureC, throttled = [] }: BoardHealth): BoardFault | undefined {
    if (throttled.includes('under-voltage')) {
      const reason = 'The board gets too little voltage; use a stronger power supply and a shorter cable';
      return { reason, code: 'undervoltage' };
    }
    if (temperatureC !== undefined && temperatureC >= this.#limits.hotC) {
      const reason = `The processor is at ${Math.round(temperatureC)} °C (limit ${this.#limits.hotC}); improve the ventilation or add a heat sink`;
      return { reason, code: 'hot' };
    }
    if (throttled.length > 0) {
      const reason = `The board slows itself down (${throttled.join(', ')}); check its cooling and its power supply`;
      return { reason, code: 'throttled' };
    }
    return undefined;
  }

  /** A board that no longer reports anything does not count as healthy. */
  #isHealthy({ temperatureC, throttled }: BoardHealth): boolean {
    if (temperatureC === undefined && throttled === undefined) return false;
    const isCool = temperatureC === undefined || temperatureC < this.#limits.hotC - this.#limits.coolByC;
    return isCool && (throttled ?? []).length === 0;
  }
}

import type { GovernorCode } from '../../core/codes.ts';
import type { Strain } from './strain.ts';

export interface StepLimits {
  /** From here on the processor is too hot, in degrees Celsius. */
  readonly hotC: number;
  /** Below `hotC` by this much it has cooled down. */
  readonly coolByC: number;
  /** Least time between two steps down, ms: heat follows work slowly. */
  readonly stepDownMs: number;
  /** How long all must have been well before a step up, ms. */
  readonly stepUpMs: number;
}

/** Which share of the frames is looked at, 0..1, and why it is not all of them. */
export interface RateStep {
  readonly share: number;
  /** Why less than all, and what to do. */
  readonly reason?: string;
  readonly code?: GovernorCode;
}

interface Complaint {
  readonly reason: string;
  readonly code: GovernorCode;
}

const shares = [1, 0.66, 0.5, 0.33] as const;

/** Steps down while the board is under strain and up again when it has recovered; between the two limits nothing changes. */
export class RateSteps {
  readonly #limits: StepLimits;
  #level = 0;
  #complaint: Complaint | undefined;
  #steppedAt = Number.NEGATIVE_INFINITY;
  #wellSince: number | undefined;

  constructor(limits: StepLimits) {
    this.#limits = limits;
  }

  /** @param mono monotonic ms; must not decrease */
  judge(strain: Strain, mono: number): RateStep {
    const complaint = this.#complaintOf(strain);
    if (!this.#isWell(strain)) this.#wellSince = undefined;
    else this.#wellSince ??= mono;
    if (complaint !== undefined) this.#stepDown(complaint, mono);
    else if (this.#wellSince !== undefined) this.#stepUp(this.#wellSince, mono);
    const share = shares[this.#level]!;
    return { share, ...this.#complaint };
  }

  #stepDown(complaint: Complaint, mono: number): void {
    if (this.#level === shares.length - 1 || mono - this.#steppedAt < this.#limits.stepDownMs) return;
    this.#level += 1;
    this.#steppedAt = mono;
    this.#complaint = complaint;
  }

  #stepUp(wellSince: number, mono: number): void {
    if (this.#level === 0 || mono - Math.max(wellSince, this.#steppedAt) < this.#limits.stepUpMs) return;
    this.#level -= 1;
    this.#steppedAt = mono;
    if (this.#level === 0) this.#complaint = undefined;
  }

  #complaintOf({ temperatureC, throttled = [] }: Strain): Complaint | undefined {
    if (throttled.includes('under-voltage')) {
      const reason = 'The board gets too little voltage; use a stronger power supply and a shorter cable';
      return { reason, code: 'undervoltage' };
    }
    if (temperatureC !== undefined && temperatureC >= this.#limits.hotC) {
      const reason = `The processor is at ${Math.round(temperatureC)} °C (limit ${this.#limits.hotC}); give the device more air or a heat sink`;
      return { reason, code: 'hot' };
    }
    if (throttled.length > 0) {
      const reason = `The board slows itself down (${throttled.join(', ')}); check its cooling and its power supply`;
      return { reason, code: 'throttled' };
    }
    return undefined;
  }

  /** Of a board that says nothing any more nobody knows. */
  #isWell({ temperatureC, throttled }: Strain): boolean {
    if (temperatureC === undefined && throttled === undefined) return false;
    const isCool = temperatureC === undefined || temperatureC < this.#limits.hotC - this.#limits.coolByC;
    return isCool && (throttled ?? []).length === 0;
  }
}

import type { Probabilities } from '../core/types.ts';

/** Minimum log ratio to the shown label; a smaller lead is no evidence for a change. */
const minLogRatio = Math.log(1.6);

/** Maximum evidence of one frame for a change: 12 to 1. Consecutive frames make the same mistakes. */
const maxEvidence = 2.5;

/** Maximum evidence of one frame against a label: 1000 to 1. */
const minProbability = 1e-3;

/**
 * Keeps the shown label until the accumulated evidence for another suffices: Page's cumulative sum test (Page 1954,
 * "Continuous inspection schemes"), with one sum per other label. Alternating evidence cancels out; lasting evidence
 * adds up, and clearer evidence is followed sooner. An average with a threshold cannot do both: it either follows every
 * flicker or is late.
 */
export class LabelCusum {
  readonly #patienceMs: number;
  readonly #sums = new Map<string, number>();
  #name: string;

  /** @param patienceMs how long a label must last that is e times as probable, beyond `minLogRatio` */
  constructor(name: string, patienceMs: number) {
    this.#name = name;
    this.#patienceMs = patienceMs;
  }

  get name(): string {
    return this.#name;
  }

  /** Whether there is no evidence for another label at the moment. */
  get isSettled(): boolean {
    return [...this.#sums.values()].every((sum) => sum === 0);
  }

  /** Replaces a label that has not been shown yet, without a test. */
  rename(name: string): void {
    this.#name = name;
    this.#sums.clear();
  }

  /** @param ms time that this frame represents */
  add(probabilities: Probabilities, ms: number): void {
    const shown = boundedLog(probabilities[this.#name] ?? 0);
    let maxSum = 0;
    let strongest = this.#name;
    for (const [label, value] of Object.entries(probabilities)) {
      const gain = Math.min(maxEvidence, boundedLog(value) - shown) - minLogRatio;
      const sum = Math.max(0, (this.#sums.get(label) ?? 0) + gain * ms);
      this.#sums.set(label, sum);
      if (sum > maxSum) [maxSum, strongest] = [sum, label];
    }
    if (maxSum > this.#patienceMs) this.rename(strongest);
  }
}

/** Logarithm of a probability with a lower bound: a single overconfident frame must not take seconds to fade. */
export function boundedLog(probability: number): number {
  return Math.log(Math.max(minProbability, probability));
}

/** Maximum clarity: a clear face gets its label back four times sooner than one just inside the limit. */
const maxClarity = 4;

/**
 * Whether a face is called `uncertain`: a cumulative sum test for exceeding the limits and for returning within them.
 */
export class AbstentionCusum {
  readonly #patienceMs: number;
  #isUncertain: boolean;
  /** Whether the face has never had a label; then half of the patience suffices. */
  #isNew: boolean;
  #sum = 0;

  constructor(isUncertain: boolean, patienceMs: number) {
    this.#isUncertain = isUncertain;
    this.#isNew = isUncertain;
    this.#patienceMs = patienceMs;
  }

  get isUncertain(): boolean {
    return this.#isUncertain;
  }

  /** Whether no label was shown yet. */
  get isNew(): boolean {
    return this.#isNew;
  }

  /** Whether there is no evidence for crossing a limit at the moment. */
  get isSettled(): boolean {
    return this.#sum === 0;
  }

  /** @param abstention see `abstentionOf` @param ms time that this frame represents */
  add(abstention: number, ms: number): void {
    const gain = this.#isUncertain ? clarity(-abstention) : Math.min(1, Math.max(-maxClarity, abstention));
    this.#sum = Math.max(0, this.#sum + gain * ms);
    if (this.#sum <= (this.#isNew ? this.#patienceMs / 2 : this.#patienceMs)) return;
    this.#isUncertain = !this.#isUncertain;
    this.#isNew = false;
    this.#sum = 0;
  }
}

/** Between the limit and the end of the hysteresis a face is not clear yet. */
function clarity(behind: number): number {
  return behind >= 1 ? Math.min(maxClarity, behind) : behind - 1;
}

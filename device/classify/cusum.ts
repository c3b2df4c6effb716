import type { Probabilities } from '../core/types.ts';

/** A label that is not this many times as probable as the one that is shown is no reason to change it. */
const minLogRatio = Math.log(1.6);

/** No frame speaks more than 12 to 1 for a change: frames that follow each other make the same mistake. */
const maxEvidence = 2.5;

/** No frame speaks more than 1000 to 1 against a label. */
const minProbability = 1e-3;

/**
 * The label that stays shown until the evidence for another, added up over time, suffices: Page's cumulative sum test (Page
 * 1954, "Continuous inspection schemes"), one sum for each other label. What wavers takes itself back; what holds on adds up,
 * and the clearer it is the sooner it is followed. An average that crosses a limit cannot do both: it either follows every
 * flicker or is late.
 */
export class LabelCusum {
  readonly #patienceMs: number;
  readonly #sums = new Map<string, number>();
  #name: string;

  /** @param patienceMs how long a label that is e times as probable, beyond the lead, must hold on */
  constructor(name: string, patienceMs: number) {
    this.#name = name;
    this.#patienceMs = patienceMs;
  }

  get name(): string {
    return this.#name;
  }

  /** Whether nothing speaks for another label at the moment. */
  get isSettled(): boolean {
    return [...this.#sums.values()].every((sum) => sum === 0);
  }

  /** Nobody has seen the name yet: another takes its place at no cost. */
  rename(name: string): void {
    this.#name = name;
    this.#sums.clear();
  }

  /** @param ms how much time this frame stands for */
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

/** Logarithm of a probability, bounded below: one frame that was sure of itself must not take seconds to forget. */
export function boundedLog(probability: number): number {
  return Math.log(Math.max(minProbability, probability));
}

/** A clear face gets its label back four times as soon as one that is just behind the limit. */
const maxClarity = 4;

/** Whether a face is called `uncertain`: the same test, for crossing the limits and for coming back from behind them. */
export class AbstentionCusum {
  readonly #patienceMs: number;
  #isUncertain: boolean;
  /** A newcomer's label has not been told yet: half of the patience is enough. */
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

  /** Whether a label was never shown yet. */
  get isNew(): boolean {
    return this.#isNew;
  }

  /** Whether nothing speaks for crossing a limit at the moment. */
  get isSettled(): boolean {
    return this.#sum === 0;
  }

  /** @param abstention see `abstentionOf` @param ms how much time this frame stands for */
  add(abstention: number, ms: number): void {
    const gain = this.#isUncertain ? clarity(-abstention) : Math.min(1, Math.max(-maxClarity, abstention));
    this.#sum = Math.max(0, this.#sum + gain * ms);
    if (this.#sum <= (this.#isNew ? this.#patienceMs / 2 : this.#patienceMs)) return;
    this.#isUncertain = !this.#isUncertain;
    this.#isNew = false;
    this.#sum = 0;
  }
}

/** Between the limit and the way back behind it a face is not clear yet. */
function clarity(behind: number): number {
  return behind >= 1 ? Math.min(maxClarity, behind) : behind - 1;
}

import type { Face } from '../../core/types.ts';

/** The labels of the built-in model, in its order, with their share of the time in front of a shop window (assumed). */
const labelShares = {
  angry: 0.02,
  disgust: 0.01,
  fear: 0.01,
  happy: 0.24,
  sad: 0.04,
  surprise: 0.06,
  neutral: 0.62,
} as const;
type Label = keyof typeof labelShares;
export const simulatedLabels = Object.keys(labelShares) as readonly Label[];

/** Share of the groups with one person, two, three and four. */
const groupShares = [0.7, 0.2, 0.07, 0.03];
const meanGroup = groupShares.reduce((sum, share, index) => sum + share * (index + 1), 0);

/** Dwell: log-normal around 7 s, within these bounds. */
const dwellMs = { median: 7000, sigma: 0.8, min: 1000, max: 600_000 };
const labelMs = { mean: 3000, min: 400 };
const uncertainShare = 0.1;

interface Visitor {
  readonly track: number;
  readonly x: number;
  readonly leavesAt: number;
  face: Pick<Face, 'label' | 'reason' | 'probability' | 'probabilities'>;
  changesAt: number;
}

export interface VisitorsDeps {
  /** Random numbers in [0, 1). They alone determine the arrivals and the expressions. */
  readonly numbers: () => number;
  readonly visitsPerSecond: number;
  /** Time after which the first visitor arrives, in ms. */
  readonly from: number;
}

/** Invented people in front of one camera: groups come at random, and each person stays and changes expression at random. */
export class Visitors {
  readonly #numbers: () => number;
  readonly #meanPauseMs: number;
  #present: Visitor[] = [];
  #comesAt: number;
  #tracks = 0;

  constructor({ numbers, visitsPerSecond, from }: VisitorsDeps) {
    this.#numbers = numbers;
    this.#meanPauseMs = (1000 * meanGroup) / visitsPerSecond;
    this.#comesAt = from + this.#pause();
  }

  /** Time of the next arrival or departure, in ms. */
  get changesAt(): number {
    return Math.min(this.#comesAt, ...this.#present.map(({ leavesAt }) => leavesAt));
  }

  /** @param at ms; must not decrease */
  facesAt(at: number): Face[] {
    while (this.#comesAt <= at) {
      this.#admit(this.#comesAt);
      this.#comesAt += this.#pause();
    }
    this.#present = this.#present.filter(({ leavesAt }) => leavesAt > at);
    return this.#present.map((visitor) => {
      if (visitor.changesAt <= at) this.#change(visitor, at);
      const { track, x, face } = visitor;
      return { track, box: { x, y: 140, width: 92, height: 120 }, score: 0.93, ...face };
    });
  }

  #admit(at: number): void {
    const persons = 1 + pick(groupShares, this.#numbers());
    for (let person = 0; person < persons; person += 1) {
      const x = 40 + ((this.#tracks * 140) % 500);
      const leavesAt = at + this.#dwell();
      this.#tracks += 1;
      const visitor = { track: this.#tracks, x, leavesAt, face: this.#expression(), changesAt: at };
      this.#change(visitor, at);
      this.#present.push(visitor);
    }
  }

  #change(visitor: Visitor, at: number): void {
    visitor.face = this.#expression();
    visitor.changesAt = at + labelMs.min + exponential(labelMs.mean - labelMs.min, this.#numbers());
  }

  #expression(): Visitor['face'] {
    const label = simulatedLabels[pick(Object.values(labelShares), this.#numbers())]!;
    const isUncertain = this.#numbers() < uncertainShare;
    const probability = isUncertain ? 0.35 : 0.55 + 0.43 * this.#numbers();
    const other = (1 - probability) / (simulatedLabels.length - 1);
    const probabilities = Object.fromEntries(
      simulatedLabels.map((name) => [name, name === label ? probability : other]),
    );
    if (isUncertain) return { label: 'uncertain', reason: 'ambiguous', probabilities };
    return { label, probability, probabilities };
  }

  #pause(): number {
    return exponential(this.#meanPauseMs, this.#numbers());
  }

  /** Box-Muller: two uniform numbers make a normal one. */
  #dwell(): number {
    const normal = Math.sqrt(-2 * Math.log(1 - this.#numbers())) * Math.cos(2 * Math.PI * this.#numbers());
    const drawn = dwellMs.median * Math.exp(dwellMs.sigma * normal);
    return Math.min(dwellMs.max, Math.max(dwellMs.min, drawn));
  }
}

function exponential(mean: number, number: number): number {
  return -mean * Math.log(1 - number);
}

/** Index of the share that contains the number; shares sum to 1. */
function pick(shares: readonly number[], number: number): number {
  let sum = 0;
  const index = shares.findIndex((share) => {
    sum += share;
    return number < sum;
  });
  return index < 0 ? shares.length - 1 : index;
}

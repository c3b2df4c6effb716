import type { FromVision } from '../messages.ts';
import type { StageSpan } from '../stage-times.ts';
import { noTotals, sumOfTotals, type VisionTotals } from '../totals.ts';
import { type FaultKind, faultKinds } from './run.ts';

/** What the daemon knows of all runs of the vision process: each run counts from 0, and the sums only grow. */
export class VisionRecord {
  #ended = noTotals;
  #running = noTotals;
  #stages: Readonly<Record<string, StageSpan>> = {};
  #signsOfLife = 0;
  #openings = 0;
  readonly #restarts = new Map<FaultKind, number>(faultKinds.map((kind) => [kind, 0]));

  /** Milliseconds per frame of each stage, from the latest statistics. */
  get stages(): Readonly<Record<string, StageSpan>> {
    return this.#stages;
  }

  /** Counts of all runs since the start of the daemon. Without the last second of a run that crashed. */
  get totals(): VisionTotals {
    return sumOfTotals(this.#ended, this.#running);
  }

  /** Ends of the process by kind, in the order of `faultKinds`. */
  get restarts(): ReadonlyMap<FaultKind, number> {
    return this.#restarts;
  }

  /** Number of messages of all runs, and of the times when a silent process was found computing. */
  get signsOfLife(): number {
    return this.#signsOfLife;
  }

  /** Number of tries to open the camera. */
  get openings(): number {
    return this.#openings;
  }

  addMessage(message: FromVision): void {
    this.#signsOfLife += 1;
    if (message.type === 'opening') this.#openings += 1;
    if (message.type === 'stats') this.addStats(message);
  }

  /** The process sends nothing, but loads or measures. */
  addProgress(): void {
    this.#signsOfLife += 1;
  }

  addStats({ stages = {}, totals = noTotals }: Partial<Extract<FromVision, { type: 'stats' }>>): void {
    this.#stages = stages;
    this.#running = totals;
  }

  addEnd(kind: FaultKind): void {
    this.#ended = this.totals;
    this.#running = noTotals;
    this.#restarts.set(kind, (this.#restarts.get(kind) ?? 0) + 1);
  }
}

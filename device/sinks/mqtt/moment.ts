import type { Clock } from '../../core/clock.ts';
import { dominantOf, happyShareOf, labelCounts, uncertain } from '../../core/labels.ts';
import type { Reading } from '../../core/types.ts';

/** Span of `smiles`. */
const windowMs = 60_000;
/** Longest time that a face counts as shown after a reading. An idle scene has one reading a second. */
const maxStepMs = 1000;

/** Face-time per label, in ms, since the step before. */
interface Step {
  readonly at: number;
  readonly shownMs: Readonly<Record<string, number>>;
}

/** People and expressions in front of the camera now, and over the last minute. */
export class Moment {
  readonly #clock: Clock;
  readonly #steps: Step[] = [];
  #counts: Readonly<Record<string, number>> = {};
  #faces = 0;
  #readAt: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add({ faces }: Reading): void {
    this.#addStep();
    this.#faces = faces.length;
    this.#counts = labelCounts(faces);
  }

  /** To be called when no frames arrive: no face counts as present. */
  clear(): void {
    this.#addStep();
    this.#faces = 0;
    this.#counts = {};
  }

  get people(): number {
    return this.#faces;
  }

  /** The label of most faces, `uncertain` if no face has another, `none` if there is no face. */
  get expression(): string {
    if (this.#faces === 0) return 'none';
    return dominantOf(this.#counts)?.label ?? uncertain;
  }

  /** Share of happy in the face-time with a named label of the last 60 s; null without such time. */
  get smiles(): number | null {
    this.#addStep();
    const sums: Record<string, number> = {};
    for (const { shownMs } of this.#steps) {
      for (const [label, ms] of Object.entries(shownMs)) sums[label] = (sums[label] ?? 0) + ms;
    }
    return happyShareOf(sums);
  }

  #addStep(): void {
    const at = this.#clock.mono();
    const ms = this.#readAt === undefined ? 0 : Math.min(at - this.#readAt, maxStepMs);
    this.#readAt = at;
    if (ms > 0 && this.#faces > 0) {
      this.#steps.push({
        at,
        shownMs: Object.fromEntries(Object.entries(this.#counts).map(([label, n]) => [label, n * ms])),
      });
    }
    while (this.#steps[0] && this.#steps[0].at <= at - windowMs) this.#steps.shift();
  }
}

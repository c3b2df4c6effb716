import { mean, quantile } from '../statistics.ts';

/** Milliseconds. */
export interface Times {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly mean: number;
}

/** Times pieces of work by name. */
export class Stopwatch {
  readonly #times = new Map<string, number[]>();

  async time<T>(name: string, work: () => T | Promise<T>): Promise<T> {
    const start = performance.now();
    const result = await work();
    const elapsed = performance.now() - start;
    const known = this.#times.get(name);
    if (known) known.push(elapsed);
    else this.#times.set(name, [elapsed]);
    return result;
  }

  /** In the order in which the work was first done. */
  results(): ReadonlyMap<string, Times> {
    return new Map([...this.#times].map(([name, times]) => [name, timesOf(times)]));
  }
}

export function timesOf(times: readonly number[]): Times {
  return {
    p50: quantile(times, 0.5),
    p95: quantile(times, 0.95),
    p99: quantile(times, 0.99),
    mean: mean(times),
  };
}

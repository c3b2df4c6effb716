import type { OutboxRecord } from '../../core/store.ts';

/** Lags that are kept for the quantiles: the newest ones. */
const maxLags = 100_000;

/** Result of a simulation. Its keys are those of `--json`. */
export interface Totals {
  /** Devices that were started: `--for` may end before the last one. */
  readonly devices: number;
  readonly seconds: number;
  /** Records that the broker has acknowledged, without those sent a second time. */
  readonly visit: number;
  readonly minute: number;
  /** Records that were sent a second time and acknowledged again. */
  readonly repeated: number;
  /** Records without acknowledgement at the end, and records that were dropped because too many waited. */
  readonly waiting: number;
  readonly lost: number;
  /** From the end of a record to its acknowledgement, in ms. Null without a record. */
  readonly lag_ms: { readonly p50: number | null; readonly p99: number | null; readonly max: number | null };
}

/** Counts what the broker has acknowledged. */
export class Tally {
  readonly #counts = { visit: 0, minute: 0, repeated: 0 };
  readonly #lags: number[] = [];
  #lagCount = 0;
  #maxLag: number | null = null;

  add({ kind }: OutboxRecord, lagMs: number, isRepeat: boolean): void {
    if (isRepeat) {
      this.#counts.repeated += 1;
      return;
    }
    this.#counts[kind] += 1;
    this.#lags[this.#lagCount % maxLags] = lagMs;
    this.#lagCount += 1;
    this.#maxLag = Math.max(this.#maxLag ?? 0, lagMs);
  }

  /** Number of acknowledged messages. */
  get messages(): number {
    const { visit, minute, repeated } = this.#counts;
    return visit + minute + repeated;
  }

  totals(): Pick<Totals, 'visit' | 'minute' | 'repeated' | 'lag_ms'> {
    const sorted = [...this.#lags].sort((a, b) => a - b);
    const quantile = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
    return { ...this.#counts, lag_ms: { p50: quantile(0.5), p99: quantile(0.99), max: this.#maxLag } };
  }
}

export function describeTotals({ devices, seconds, visit, minute, repeated, waiting, lost, lag_ms }: Totals): string {
  const rate = ((visit + minute + repeated) / Math.max(1, seconds)).toFixed(1);
  const { p50, p99, max } = lag_ms;
  return [
    `${devices} devices for ${seconds.toFixed(0)} s: ${visit} visits and ${minute} minutes acknowledged, ${repeated} of them twice, ${rate}/s`,
    `lag from the end of a record to its acknowledgement: p50 ${p50 ?? '-'} ms, p99 ${p99 ?? '-'} ms, max ${max ?? '-'} ms`,
    `without acknowledgement: ${waiting}, dropped: ${lost}`,
    '',
  ].join('\n');
}

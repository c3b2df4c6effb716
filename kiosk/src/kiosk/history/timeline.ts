import type { Sample } from '../../../../device/core/types.ts';

interface Bucket {
  /** In how many frames a face showed the label. */
  readonly shown: Map<string, number>;
  frames: number;
}

/** Columns of the chart: a time in seconds and, per label, the share that it and all labels before it have, or a gap. */
export interface Columns {
  readonly times: readonly number[];
  readonly cumulative: ReadonlyMap<string, ReadonlyArray<number | null>>;
  readonly empty: boolean;
}

/** How often each expression was seen, per few seconds, over the last minutes. A bucket without a face is a gap. */
export class Timeline {
  readonly bucketMs: number;
  readonly windowMs: number;
  readonly #buckets = new Map<number, Bucket>();

  constructor(options: { bucketMs: number; windowMs: number }) {
    this.bucketMs = options.bucketMs;
    this.windowMs = options.windowMs;
  }

  /** One face in one frame. `ts` is the device's wall clock. */
  add(ts: number, label: string): void {
    const bucket = this.#bucket(this.#buckets, ts);
    addTo(bucket, label, 1);
    if (this.#buckets.size > (2 * this.windowMs) / this.bucketMs) this.#forget(ts);
  }

  /** What was logged before this page was opened, or while it was cut off. Where both are known, the fuller one counts. */
  backfill(samples: readonly Sample[]): void {
    const logged = new Map<number, Bucket>();
    for (const { ts, label, frames } of samples) addTo(this.#bucket(logged, ts), label, frames);
    for (const [key, bucket] of logged) {
      if (bucket.frames > (this.#buckets.get(key)?.frames ?? 0)) this.#buckets.set(key, bucket);
    }
  }

  columns(now: number, labels: readonly string[]): Columns {
    const last = Math.floor(now / this.bucketMs);
    const keys = Array.from({ length: this.windowMs / this.bucketMs }, (_, back) => last - back).reverse();
    const below = keys.map(() => 0);
    const cumulative = new Map<string, Array<number | null>>();
    for (const label of labels) {
      const column = keys.map((key, at) => {
        const bucket = this.#buckets.get(key);
        if (!bucket) return null;
        below[at] = below[at]! + (bucket.shown.get(label) ?? 0) / bucket.frames;
        return below[at]!;
      });
      cumulative.set(label, column);
    }
    return {
      times: keys.map((key) => ((key + 0.5) * this.bucketMs) / 1000),
      cumulative,
      empty: keys.every((key) => !this.#buckets.has(key)),
    };
  }

  #bucket(buckets: Map<number, Bucket>, ts: number): Bucket {
    const key = Math.floor(ts / this.bucketMs);
    const known = buckets.get(key);
    if (known) return known;
    const bucket: Bucket = { shown: new Map(), frames: 0 };
    buckets.set(key, bucket);
    return bucket;
  }

  /** By distance, not by age: the device's clock may have been set, in either direction. */
  #forget(ts: number): void {
    const now = Math.floor(ts / this.bucketMs);
    for (const key of this.#buckets.keys()) {
      if (Math.abs(now - key) > this.windowMs / this.bucketMs) this.#buckets.delete(key);
    }
  }
}

function addTo(bucket: Bucket, label: string, frames: number): void {
  bucket.frames += frames;
  bucket.shown.set(label, (bucket.shown.get(label) ?? 0) + frames);
}

import type { z } from 'zod';
import type { liveCountsSchema } from '../../contract/device.ts';
import type { LiveKind, LiveSource } from '../../core/live.ts';
import { RateLimit } from '../../core/rate-limit.ts';
import type { LiveFrame } from '../../core/types.ts';

/** Frames that all viewers together received, since the start. */
type LiveCounts = z.output<typeof liveCountsSchema>;

/**
 * One viewer's delivery: a single slot in which the newest frame wins. The viewer takes frames at its own pace. A slow
 * viewer skips frames; neither the source nor another viewer waits for it.
 */
export interface Viewer {
  readonly delivered: number;
  readonly dropped: number;
  /** The newest frame that this viewer has not had yet; waits for one. `undefined` once closed. One caller at a time. */
  next(): Promise<LiveFrame | undefined>;
  /** Ends the subscription; a waiting `next()` gets `undefined`. */
  close(): void;
}

/** All viewers. The source encodes pictures of a kind only while a viewer of that kind is open. */
export class Viewers {
  readonly #source: LiveSource;
  readonly #open = new Set<SlotViewer>();
  #delivered = 0;
  #dropped = 0;

  readonly #mono: () => number;

  /** @param mono monotonic clock, ms */
  constructor(source: LiveSource, mono: () => number) {
    this.#source = source;
    this.#mono = mono;
  }

  get counts(): LiveCounts {
    return { viewers: this.#open.size, delivered: this.#delivered, dropped: this.#dropped };
  }

  /** @param fps maximum frames a second for this viewer */
  open(kind: LiveKind, fps = Number.POSITIVE_INFINITY): Viewer {
    const pace = new RateLimit(fps);
    const viewer = new SlotViewer({
      delivered: () => {
        this.#delivered += 1;
      },
      dropped: () => {
        this.#dropped += 1;
      },
      closed: () => {
        this.#open.delete(viewer);
        unsubscribe();
      },
    });
    this.#open.add(viewer);
    const unsubscribe = this.#source.subscribe(kind, (frame) => {
      if (pace.admits(this.#mono())) viewer.put(frame);
    });
    return viewer;
  }
}

class SlotViewer implements Viewer {
  readonly #tell: { delivered(): void; dropped(): void; closed(): void };
  #slot: LiveFrame | undefined;
  #taker: ((frame: LiveFrame | undefined) => void) | undefined;
  #closed = false;
  delivered = 0;
  dropped = 0;

  constructor(tell: { delivered(): void; dropped(): void; closed(): void }) {
    this.#tell = tell;
  }

  put(frame: LiveFrame): void {
    if (this.#closed) return;
    const taker = this.#taker;
    if (taker) {
      this.#taker = undefined;
      this.#count();
      taker(frame);
      return;
    }
    if (this.#slot) {
      this.dropped += 1;
      this.#tell.dropped();
    }
    this.#slot = frame;
  }

  next(): Promise<LiveFrame | undefined> {
    if (this.#taker) throw new Error('next() is already waiting: one caller at a time');
    const frame = this.#slot;
    this.#slot = undefined;
    if (this.#closed) return Promise.resolve(undefined);
    if (!frame) {
      return new Promise((resolve) => {
        this.#taker = resolve;
      });
    }
    this.#count();
    return Promise.resolve(frame);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#slot = undefined;
    this.#tell.closed();
    this.#taker?.(undefined);
    this.#taker = undefined;
  }

  #count(): void {
    this.delivered += 1;
    this.#tell.delivered();
  }
}

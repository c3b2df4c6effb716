import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../../../core/clock.ts';
import type { Log } from '../../../core/log.ts';

const lookEveryMs = 60_000;
/** Bytes that are left to visits and minutes: weeks of them. A small disk leaves a share. */
const reservedBytes = 20_000_000;
const reservedShare = 0.05;
/** The space that ends the restriction, as a multiple of the reserved one. Otherwise each freed page would toggle it. */
const enoughFactor = 1.5;

export interface FreeSpaceDeps {
  readonly file: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Receives the text for the state board; undefined while there is enough space. */
  readonly remark: (text: string | undefined) => void;
}

/** Watches the space for samples. They are the finest rows and stop first, so that visits and minutes keep their space. */
export class FreeSpace {
  readonly #deps: FreeSpaceDeps;
  #lookAt = 0;
  #isLow = false;

  constructor(deps: FreeSpaceDeps) {
    this.#deps = deps;
  }

  /** Whether samples are not to be written. */
  get isLow(): boolean {
    return this.#isLow;
  }

  /** To be called about once a second. */
  tick(): void {
    const { clock, file, log, remark } = this.#deps;
    if (clock.mono() < this.#lookAt) return;
    this.#lookAt = clock.mono() + lookEveryMs;
    const space = spaceIn(dirname(file));
    if (!space) return;
    const reserved = Math.min(reservedBytes, space.size * reservedShare);
    const wasLow = this.#isLow;
    this.#isLow = space.free < (wasLow ? reserved * enoughFactor : reserved);
    if (this.#isLow === wasLow) return;
    const text = this.#isLow
      ? `The disk that holds ${file} is almost full (${(space.free / 1e6).toFixed(1)} MB free). Samples are not logged, visits and minutes are. Free some space there (df -h ${dirname(file)}).`
      : undefined;
    remark(text);
    if (text) log.warn(text);
    else log.info('the disk has space again: samples are logged');
  }
}

function spaceIn(folder: string): { readonly size: number; readonly free: number } | undefined {
  try {
    const { bavail, blocks, bsize } = statfsSync(folder);
    return { size: blocks * bsize, free: bavail * bsize };
  } catch {
    // The folder is missing: the writes report it.
    return undefined;
  }
}

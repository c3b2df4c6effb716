import type { Box } from '../core/types.ts';

export interface Grid {
  readonly columns: number;
  readonly rows: number;
}

/** Minimum change of a cell that counts, in grey levels of 255. */
const minChange = 6;
/** Number of changed cells that count as a change; a single one is dust or a reflection. */
const minChangedCells = 3;
/** Multiple of the noise (standard deviation) above which less than one in a million cells changes by chance. */
const noiseFactor = 6;
/** Number of comparisons over which the noise is averaged. */
const noiseMemory = 20;
/** Upper limit of the noise estimate. Without it, motion in every cell would hide motion in a few. */
const maxNoise = 4;

/**
 * Compares small grey pictures with a reference picture. A change of the whole picture's brightness (a lamp, the
 * camera's exposure) is not a change, nor is noise, which it estimates itself.
 */
export class ChangeMeter {
  readonly #grid: Grid;
  readonly #isIgnored: Uint8Array;
  /** Histogram of the cells' differences, from -255 to 255. */
  readonly #differences = new Uint32Array(511);
  #remembered: Uint8Array | undefined;
  #noise = 1;

  constructor(grid: Grid) {
    this.#grid = grid;
    this.#isIgnored = new Uint8Array(grid.columns * grid.rows);
  }

  /** @param cells grey levels, row by row; kept as the reference */
  remember(cells: Uint8Array): void {
    this.#remembered = cells;
  }

  /**
   * @param cells grey levels, row by row
   * @param ignored boxes, in cells, that are excluded from the comparison
   */
  hasChanged(cells: Uint8Array, ignored: readonly Box[]): boolean {
    const before = this.#remembered;
    if (!before) return true;
    this.#differences.fill(0);
    this.#ignore(ignored);
    let compared = 0;
    for (let cell = 0; cell < cells.length; cell++) {
      if (this.#isIgnored[cell]) continue;
      this.#differences[cells[cell]! - before[cell]! + 255]! += 1;
      compared += 1;
    }
    return this.#evaluate(compared);
  }

  /** The histogram is enough: the positions of the cells do not matter. */
  #evaluate(compared: number): boolean {
    const medianChange = this.#median(compared);
    const limit = Math.max(minChange, noiseFactor * this.#noise);
    let changed = 0;
    let unchangedSum = 0;
    for (let at = 0; at < this.#differences.length; at++) {
      const change = Math.abs(at - medianChange);
      const count = this.#differences[at]!;
      if (change > limit) changed += count;
      else unchangedSum += count * change;
    }
    this.#learnNoise(unchangedSum / Math.max(1, compared - changed));
    return changed >= minChangedCells;
  }

  /** Median change of brightness, as an index of the histogram. */
  #median(compared: number): number {
    let sum = 0;
    for (let at = 0; at < this.#differences.length; at++) {
      sum += this.#differences[at]!;
      if (2 * sum >= compared) return at;
    }
    return 255;
  }

  /** @param meanDeviation of the unchanged cells; for normal noise it is 0.8 of the standard deviation */
  #learnNoise(meanDeviation: number): void {
    const noise = Math.min(maxNoise, meanDeviation / 0.8);
    this.#noise += (noise - this.#noise) / noiseMemory;
  }

  #ignore(boxes: readonly Box[]): void {
    const { columns, rows } = this.#grid;
    this.#isIgnored.fill(0);
    for (const { x, y, width, height } of boxes) {
      const left = Math.max(0, Math.floor(x));
      const right = Math.min(columns, Math.ceil(x + width));
      const bottom = Math.min(rows, Math.ceil(y + height));
      for (let row = Math.max(0, Math.floor(y)); row < bottom; row++) {
        if (right > left) this.#isIgnored.fill(1, row * columns + left, row * columns + right);
      }
    }
  }
}

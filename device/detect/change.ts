import type { Box } from '../core/types.ts';

export interface Grid {
  readonly columns: number;
  readonly rows: number;
}

/** Least change of a cell that counts, in grey levels of 255. */
const minChange = 6;
/** How many cells must have changed: a single one is a speck of dust, or a reflection. */
const minChangedCells = 3;
/** Above this multiple of the noise (standard deviation) not one in a million cells changes by chance. */
const noiseFactor = 6;
/** The noise is averaged over about this many comparisons... */
const noiseMemory = 20;
/** ... and never taken for more, so that whatever moves in every cell does not hide what moves in a few. */
const maxNoise = 4;

/**
 * Compares small grey pictures with one that was remembered. What brightens or darkens the whole picture (a lamp, the camera's
 * exposure) is no change, nor is noise, which it measures by itself.
 */
export class ChangeMeter {
  readonly #grid: Grid;
  readonly #isIgnored: Uint8Array;
  /** How many cells differ by how much, from -255 to 255. */
  readonly #differences = new Uint32Array(511);
  #remembered: Uint8Array | undefined;
  #noise = 1;

  constructor(grid: Grid) {
    this.#grid = grid;
    this.#isIgnored = new Uint8Array(grid.columns * grid.rows);
  }

  /** @param cells grey levels, row by row; kept */
  remember(cells: Uint8Array): void {
    this.#remembered = cells;
  }

  /**
   * @param cells grey levels, row by row
   * @param ignored boxes, in cells, that are left out of the comparison
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

  /** Everything is said by how many cells differ by how much: where they lie does not matter. */
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

  /** By how much most cells have become brighter, as an index. */
  #median(compared: number): number {
    let sum = 0;
    for (let at = 0; at < this.#differences.length; at++) {
      sum += this.#differences[at]!;
      if (2 * sum >= compared) return at;
    }
    return 255;
  }

  /** @param meanDeviation of the cells that have not changed; that of normal noise is 0.8 of its standard deviation */
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

import { cv, type Mat } from '../core/opencv.ts';
import type { Box } from '../core/types.ts';
import { ChangeMeter, type Grid } from './change.ts';

/** Cells of 10 pixels of 640x480: the smallest face that YuNet finds covers four, its body many. */
const grid: Grid = { columns: 64, rows: 48 };

/**
 * Intermediate size. Subsampling down to it costs the same for any size of frame; from there on pixels are averaged.
 */
const intermediateSize = { width: 160, height: 120 };

/** The frame of the latest detection, as the reference for changes. Frames may be grey. */
export interface Scene {
  /** Whether this frame can be compared with the reference: size and number of colours must match. */
  canCompare(frame: Mat): boolean;
  /** Whether the frame differs from the reference outside of the ignored boxes (in pixels of the frame). */
  hasChanged(frame: Mat, ignored: readonly Box[]): boolean;
  remember(frame: Mat): void;
}

export function createScene(): Scene {
  return new TinyScene();
}

class TinyScene implements Scene {
  readonly #meter = new ChangeMeter(grid);
  /** Cells of the latest compared frame, which usually becomes the reference. */
  #cached: { readonly frame: Mat; readonly cells: Uint8Array } | undefined;
  #referenceFormat: string | undefined;

  canCompare(frame: Mat): boolean {
    return this.#referenceFormat === formatOf(frame);
  }

  hasChanged(frame: Mat, ignored: readonly Box[]): boolean {
    const scale = { x: grid.columns / frame.cols, y: grid.rows / frame.rows };
    const ignoredCells = ignored.map(({ x, y, width, height }) => ({
      x: x * scale.x,
      y: y * scale.y,
      width: width * scale.x,
      height: height * scale.y,
    }));
    return this.#meter.hasChanged(this.#cellsOf(frame), ignoredCells);
  }

  remember(frame: Mat): void {
    this.#meter.remember(this.#cellsOf(frame));
    this.#referenceFormat = formatOf(frame);
    this.#cached = undefined;
  }

  #cellsOf(frame: Mat): Uint8Array {
    if (this.#cached?.frame !== frame) this.#cached = { frame, cells: tinyGrey(frame) };
    return this.#cached.cells;
  }
}

/** Frames of different sizes or colours give different cells at edges, because averaging and subsampling differ. */
function formatOf({ cols, rows, channels }: Mat): string {
  return `${cols}x${rows}x${channels}`;
}

function tinyGrey(frame: Mat): Uint8Array {
  const isSmall = frame.cols <= intermediateSize.width && frame.rows <= intermediateSize.height;
  const sparse = isSmall ? frame : frame.resize(intermediateSize.height, intermediateSize.width, 0, 0, cv.INTER_LINEAR);
  const tiny = sparse.resize(grid.rows, grid.columns, 0, 0, cv.INTER_AREA);
  const grey = frame.channels === 1 ? tiny : tiny.cvtColor(cv.COLOR_BGR2GRAY);
  const cells = grey.getData();
  for (const mat of new Set([sparse, tiny, grey])) if (mat !== frame) mat.release();
  return cells;
}

import type { Orientation } from './orientation.ts';

export interface ContainerFacts {
  /** How its pixels must be turned; undefined where it cannot say so. */
  readonly orientation?: Orientation;
  /** Frames that a whole recording has; undefined where nobody has counted them. */
  readonly frames?: number;
  /** The file ends before its container does. */
  readonly isCutShort?: boolean;
  /** An AVI whose index names pictures that were left out: the place of one in the file does not tell its time. */
  readonly hasGaps?: boolean;
}

/** Bytes of a file by their place in it; fewer than asked for at its end. */
export interface FileBytes {
  readonly size: number;
  read(at: number, length: number): Buffer;
}

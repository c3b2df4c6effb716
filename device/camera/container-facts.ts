import type { Orientation } from './orientation.ts';

export interface ContainerFacts {
  /** How the pixels must be turned; undefined where the container does not state it. */
  readonly orientation?: Orientation;
  /** Number of frames of the whole recording; undefined where the container has no exact count. */
  readonly frames?: number;
  /** The file is shorter than its container states. */
  readonly isCutShort?: boolean;
  /** An AVI whose index lists left-out pictures: the position of a picture in the file does not give its time. */
  readonly hasGaps?: boolean;
}

/** Random access to a file's bytes. `read` returns fewer bytes than requested at the end of the file. */
export interface FileBytes {
  readonly size: number;
  read(at: number, length: number): Buffer;
}

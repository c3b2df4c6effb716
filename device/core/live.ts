import type { LiveFrame } from './types.ts';

/** `plain`: the page draws the boxes. `annotated`: boxes and labels are drawn into the picture, for players that support MJPEG only. */
export type LiveKind = 'plain' | 'annotated';

/**
 * The live picture, encoded only while somebody subscribes. The listener must return at once: a slow viewer keeps its
 * own one-slot queue.
 */
export interface LiveSource {
  subscribe(kind: LiveKind, listener: (frame: LiveFrame) => void): () => void;
}

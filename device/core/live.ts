import type { LiveFrame } from './types.ts';

/** `plain`: the page draws the boxes itself. `annotated`: boxes and labels are burnt in, for players that only know MJPEG. */
export type LiveKind = 'plain' | 'annotated';

/**
 * The live picture, encoded only while somebody subscribes. The listener must return at once: a slow viewer keeps its
 * own one-slot queue.
 */
export interface LiveSource {
  subscribe(kind: LiveKind, listener: (frame: LiveFrame) => void): () => void;
}

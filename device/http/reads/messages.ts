import type { Problem } from '../answers/problem.ts';
import type { ReadQuery } from './query.ts';

/** Messages from the daemon to its reading thread. `id` identifies one answer. */
export type ToReader =
  | { readonly type: 'open'; readonly id: number; readonly query: ReadQuery }
  | { readonly type: 'next'; readonly id: number }
  | { readonly type: 'close'; readonly id: number };

/** Messages from the reading thread: one for each `open` and each `next`. */
export type FromReader = { readonly id: number } & (
  | { readonly type: 'head'; readonly tag: string | undefined }
  | { readonly type: 'piece'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly type: 'end' }
  | {
      readonly type: 'fault';
      readonly problem: Problem;
      readonly stack?: string;
      /** Set if the database is damaged: its inode and the fault. */
      readonly damage?: { readonly inode: number; readonly message: string } | undefined;
    }
);

import type { Problem } from '../answers/problem.ts';
import type { ReadQuery } from './query.ts';

/** What the daemon tells its reading thread. `id` names one answer. */
export type ToReader =
  | { readonly type: 'open'; readonly id: number; readonly query: ReadQuery }
  | { readonly type: 'next'; readonly id: number }
  | { readonly type: 'close'; readonly id: number };

/** What the reading thread tells: one message for each `open` and each `next`. */
export type FromReader = { readonly id: number } & (
  | { readonly type: 'head'; readonly tag: string | undefined }
  | { readonly type: 'piece'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly type: 'end' }
  | {
      readonly type: 'fault';
      readonly problem: Problem;
      readonly stack?: string;
      /** Set where the database is damaged: which one, and in what way. */
      readonly damage?: { readonly inode: number; readonly message: string } | undefined;
    }
);

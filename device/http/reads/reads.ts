import { readPlans } from '../../contract/reads.ts';
import type { History } from '../../core/store.ts';
import { answerRead } from './answer.ts';
import type { ReadPiece, ReadQuery } from './query.ts';

/** An answer from the log. Its text comes piece by piece, as it is asked for. */
export interface Read {
  /** Entity tag without quotes; CSV has none. */
  readonly tag: string | undefined;
  /** The next piece of the answer in UTF-8; undefined at its end. */
  next(): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Frees what the answer holds; to be called once it is not read to its end. */
  close(): void;
}

/** Large reads of the log. Whoever implements it keeps the thread that serves the pages free. */
export interface Reads {
  /** @throws ProblemError when the log cannot be read, when the query asks for too much, or when too many others read. */
  open(query: ReadQuery): Promise<Read>;
}

/** Reads in the calling thread: for tests. */
export function readsOf(history: History): Reads {
  return {
    async open(query) {
      const pieces = answerRead(history, query, readPlans);
      const head = nextOf(pieces);
      const encoder = new TextEncoder();
      return {
        tag: typeof head === 'object' ? head.tag : undefined,
        async next() {
          const piece = nextOf(pieces);
          return typeof piece === 'string' ? encoder.encode(piece) : undefined;
        },
        close: () => void pieces.return(undefined),
      };
    },
  };
}

function nextOf(pieces: Generator<ReadPiece>): ReadPiece {
  for (;;) {
    const { value, done } = pieces.next();
    if (done || value !== undefined) return done ? undefined : value;
  }
}

/** The rest of an answer as the body of a response: pulled by the connection, so that a slow client costs one piece. */
export function bodyOf(read: Read): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const piece = await read.next();
        if (piece) controller.enqueue(piece);
        else controller.close();
      },
      cancel: () => read.close(),
    },
    { highWaterMark: 0 },
  );
}

import { readPlans } from '../../contract/reads.ts';
import type { History, OrderedLog } from '../../core/store.ts';
import { prepareAnswer } from './answer.ts';
import type { ReadPiece, ReadQuery } from './query.ts';

/** Bytes that are made piece by piece, on demand. */
export interface Download {
  /** The next piece of the answer, text in UTF-8; undefined at its end. */
  next(): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Frees the resources of the answer. Call it if the answer is not read to its end. */
  close(): void;
}

/** An answer from the log. */
export interface Read extends Download {
  /** Entity tag without quotes; a file has none. */
  readonly tag: string | undefined;
}

/** Large reads of the log. An implementation must not block the thread that serves the pages. */
export interface Reads {
  /** @throws ProblemError if the log cannot be read, the query asks for too much, or too many reads are open */
  open(query: ReadQuery): Promise<Read>;
}

/** Reads in the calling thread: for tests. */
export function readsOf(log: History & OrderedLog): Reads {
  return {
    async open(query) {
      const pieces = (await prepareAnswer(query, readPlans))(log);
      const head = nextOf(pieces);
      const encoder = new TextEncoder();
      return {
        tag: typeof head === 'object' && 'tag' in head ? head.tag : undefined,
        async next() {
          const piece = nextOf(pieces);
          if (typeof piece === 'string') return encoder.encode(piece);
          return piece instanceof Uint8Array ? piece : undefined;
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

/** The rest of an answer as a response body. The connection pulls it, so that a slow client holds one piece only. */
export function bodyOf(read: Download): ReadableStream<Uint8Array> {
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

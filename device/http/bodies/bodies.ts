import type { IncomingMessage, ServerResponse } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import type { Context } from 'hono';
import { ProblemError } from '../answers/problem.ts';

export interface BodyLimits {
  /** Bytes of all large bodies (pictures) that are under way together; four of 10 MB. */
  readonly largeBytes?: number;
  /** Bytes of all others together, so that held uploads keep nobody from logging in. */
  readonly smallBytes?: number;
  /** Bytes that are still to come of refused bodies and may be read, to be dropped, together. */
  readonly droppedBytes?: number;
  /** A body of which nothing comes for this long is given up. */
  readonly idleMs?: number;
  /** No body may take longer. */
  readonly totalMs?: number;
}

/** Beyond it a body is a large one. */
const smallBodyBytes = 64 * 1024;
const defaults = {
  largeBytes: 41_000_000,
  smallBytes: 4_000_000,
  droppedBytes: 20_500_000,
  idleMs: 5000,
  totalMs: 60_000,
} as const;

/** So many refused bodies are read to their end, whatever their size. */
const minDrops = 2;

/** A body whose bytes are counted before they are read. */
export interface Body {
  /** As many bytes as it may have: what it says itself, or the most that the route takes. */
  readonly capacity: number;
  /** The bytes as they come. @throws ProblemError (408, 413) */
  chunks(): AsyncGenerator<Uint8Array>;
  /** All of them, in one buffer. @throws ProblemError (408, 413) */
  bytes(): Promise<Buffer>;
  /** Gives its share back; to be called when nothing holds its bytes any more. */
  release(): void;
}

/**
 * One budget for all bodies that are under way, from their first byte until the answer. Memory is reserved before it is
 * used: what does not fit is sent away with 503 unread.
 */
export class Bodies {
  readonly #limits: Required<BodyLimits>;
  #turn: Promise<unknown> = Promise.resolve();
  #large = 0;
  #small = 0;
  #dropped = 0;
  /** How many bodies that is. */
  #drops = 0;

  constructor(limits: BodyLimits = {}) {
    this.#limits = { ...defaults, ...limits };
  }

  /** @throws ProblemError 413 for one that says that it is larger than `maxBytes`, 503 where too many are under way. */
  open(c: Context, maxBytes: number): Body {
    const capacity = lengthOf(c) ?? maxBytes;
    const release = capacity > maxBytes ? undefined : this.#reserve(capacity);
    if (!release) {
      this.#dropRest(c, capacity);
      throw capacity > maxBytes ? tooLarge(maxBytes) : busy();
    }
    const options = { ...this.#limits, maxBytes: capacity, dropRest: (bytes: number) => this.#dropRest(c, bytes) };
    return {
      capacity,
      chunks: () => chunksOf(c, options),
      bytes: () => collect(chunksOf(c, options), capacity),
      release,
    };
  }

  /** Resolves in a turn of the event loop in which no other body is parsed: many at once hold up others by one each. */
  turn(): Promise<unknown> {
    this.#turn = this.#turn.then(() => setImmediate());
    return this.#turn;
  }

  /** Undefined where too many are under way. */
  #reserve(bytes: number): (() => void) | undefined {
    const isLarge = bytes > smallBodyBytes;
    const { largeBytes, smallBytes } = this.#limits;
    if (isLarge ? this.#large + bytes > largeBytes : this.#small + bytes > smallBytes) return undefined;
    const add = (change: number) => {
      if (isLarge) this.#large += change;
      else this.#small += change;
    };
    add(bytes);
    let isHeld = true;
    return () => {
      if (isHeld) add(-bytes);
      isHeld = false;
    };
  }

  /**
   * A client that still sends reads no answer, and a closed connection would be all that it sees: what is still to come is
   * read and dropped. At the socket, because the stream around it would take half as much time again; the adapter closes
   * the socket if that takes long. Where that is under way for too many, the connection ends with the answer.
   */
  #dropRest(c: Context, bytes: number): void {
    const { incoming, outgoing } = (c.env ?? {}) as { incoming?: IncomingMessage; outgoing?: ServerResponse };
    // A request that came without a socket has neither, one that has ended has nothing to come.
    if (!incoming?.resume || !outgoing || incoming.readableEnded || incoming.socket.destroyed) return;
    // A few may be of any size: a photo of 30 MB is refused in words, also right after another one whose client is leaving.
    if (this.#drops >= minDrops && this.#dropped + bytes > this.#limits.droppedBytes) {
      outgoing.shouldKeepAlive = false;
      return;
    }
    this.#dropped += bytes;
    this.#drops += 1;
    const { socket } = incoming;
    const giveBack = () => {
      this.#dropped -= bytes;
      this.#drops -= 1;
      incoming.off('end', giveBack);
      socket.off('close', giveBack);
    };
    // A request that is answered hears no more of its socket, which clients close that have read the answer.
    incoming.once('end', giveBack);
    socket.once('close', giveBack);
    incoming.removeAllListeners('data').resume();
  }
}

/** Into a buffer of the full size: pages of it that are never written cost nothing, and no second copy is made. */
export async function collect(chunks: AsyncIterable<Uint8Array>, capacity: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(capacity);
  let length = 0;
  for await (const chunk of chunks) {
    buffer.set(chunk, length);
    length += chunk.length;
  }
  return buffer.subarray(0, length);
}

/** What the header says; undefined where the body comes in chunks of unknown number. */
function lengthOf(c: Context): number | undefined {
  const text = c.req.header('content-length');
  return text === undefined || c.req.header('transfer-encoding') !== undefined ? undefined : Number(text);
}

interface ChunkOptions extends Required<BodyLimits> {
  readonly maxBytes: number;
  /** Called where not all was read. */
  readonly dropRest: (bytes: number) => void;
}

async function* chunksOf(
  c: Context,
  { maxBytes, idleMs, totalMs, dropRest }: ChunkOptions,
): AsyncGenerator<Uint8Array> {
  const reader = c.req.raw.body?.getReader();
  if (!reader) return;
  const endsAt = performance.now() + totalMs;
  let length = 0;
  let isWhole = false;
  try {
    for (;;) {
      const { value } = await within(reader.read(), Math.min(idleMs, endsAt - performance.now()));
      isWhole = !value;
      if (!value) return;
      length += value.length;
      if (length > maxBytes) throw tooLarge(maxBytes);
      yield value;
    }
  } finally {
    if (!isWhole) dropRest(Math.max(0, maxBytes - length));
  }
}

async function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(tooSlow()), Math.max(0, ms));
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

export function tooLarge(maxBytes: number): ProblemError {
  const detail = `Expected at most ${maxBytes} bytes`;
  return new ProblemError({ status: 413, title: 'Body too large', detail, remedy: 'Send less.' });
}

function tooSlow(): ProblemError {
  return new ProblemError({
    status: 408,
    title: 'Body too slow',
    detail: 'The body of the request did not come in time',
    // What is still under way is not waited for.
    headers: { Connection: 'close' },
  });
}

function busy(): ProblemError {
  return new ProblemError({
    status: 503,
    title: 'Busy',
    detail: 'Too many other bodies are under way',
    headers: { 'Retry-After': '2' },
  });
}

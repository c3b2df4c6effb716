import type { IncomingMessage, ServerResponse } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import type { Context } from 'hono';
import { ProblemError } from '../answers/problem.ts';

export interface BodyLimits {
  /** Total bytes of all large bodies (pictures) in progress; default: four pictures of 10 MB. */
  readonly largeBytes?: number;
  /** Total bytes of all small bodies in progress. A separate budget, so that stalled uploads do not block logins. */
  readonly smallBytes?: number;
  /** Total bytes of refused bodies that are still read and dropped. */
  readonly droppedBytes?: number;
  /** A body without progress for this time is aborted. */
  readonly idleMs?: number;
  /** Maximum time for a whole body. */
  readonly totalMs?: number;
}

/** Size above which a body counts as large. */
const smallBodyBytes = 64 * 1024;
const defaults = {
  largeBytes: 41_000_000,
  smallBytes: 4_000_000,
  droppedBytes: 20_500_000,
  idleMs: 5000,
  totalMs: 60_000,
} as const;

/** Refused bodies that are read to their end whatever their size. */
const minDrops = 2;

/** A body whose bytes are reserved in the budget before they are read. */
export interface Body {
  /** Maximum bytes of this body: its Content-Length, or the limit of the route. */
  readonly capacity: number;
  /** The bytes as they arrive. @throws ProblemError (408, 413) */
  chunks(): AsyncGenerator<Uint8Array>;
  /** All bytes in one buffer. @throws ProblemError (408, 413) */
  bytes(): Promise<Buffer>;
  /** Returns its share of the budget. Call it once nothing uses the bytes any more. */
  release(): void;
}

/**
 * One budget for all request bodies, from their first byte until the answer. Memory is reserved before it is used. A body that
 * does not fit is refused unread with 503.
 */
export class Bodies {
  readonly #limits: Required<BodyLimits>;
  #turn: Promise<unknown> = Promise.resolve();
  #large = 0;
  #small = 0;
  #dropped = 0;
  /** Number of refused bodies that are being read and dropped. */
  #drops = 0;

  constructor(limits: BodyLimits = {}) {
    this.#limits = { ...defaults, ...limits };
  }

  /** @throws ProblemError 413 if the Content-Length is above `maxBytes`, 503 if the budget is used up */
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

  /** Resolves in a turn of the event loop without other parsing: each of many bodies delays other work by one body only. */
  turn(): Promise<unknown> {
    this.#turn = this.#turn.then(() => setImmediate());
    return this.#turn;
  }

  /** @returns the function that returns the bytes to the budget; undefined if they do not fit */
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
   * Reads and drops the rest of a refused body. A client that is still sending reads no answer; it would only see a closed
   * connection. It reads at the socket, because the stream around it takes 1.5 times as long. The adapter closes the socket
   * if that takes too long. If too many bodies are being dropped, the connection ends with the answer.
   */
  #dropRest(c: Context, bytes: number): void {
    const { incoming, outgoing } = connectionOf(c);
    // After its end nothing is left to read.
    if (!incoming || !outgoing || incoming.readableEnded || incoming.socket.destroyed) return;
    // A few may have any size: the client of a 30 MB photo gets the answer, also while another one is being dropped.
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
    // An answered request gets no more events of its socket, so listen to the close of the socket too.
    incoming.once('end', giveBack);
    socket.once('close', giveBack);
    incoming.removeAllListeners('readable').removeAllListeners('data').resume();
  }
}

/** Collects into one buffer of the full size: unwritten memory pages cost nothing, and no second copy is made. */
export async function collect(chunks: AsyncIterable<Uint8Array>, capacity: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(capacity);
  let length = 0;
  for await (const chunk of chunks) {
    buffer.set(chunk, length);
    length += chunk.length;
  }
  return buffer.subarray(0, length);
}

/** Whether the request has a body. Does not open it, as `c.req.raw.body` does. */
export function hasBody(c: Context): boolean {
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return false;
  const headers = connectionOf(c).incoming?.headers;
  if (!headers) return c.req.raw.body !== null;
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** The request and the answer of Node's server; neither for a request without a socket (tests). */
function connectionOf(c: Context): { incoming?: IncomingMessage; outgoing?: ServerResponse } {
  const { incoming, outgoing } = (c.env ?? {}) as { incoming?: IncomingMessage; outgoing?: ServerResponse };
  return incoming?.resume && outgoing ? { incoming, outgoing } : {};
}

/** The bytes as they arrive, from the socket itself: the web stream around it takes 1.5 times as long. */
function openBody(c: Context): AsyncIterator<Uint8Array> | undefined {
  const { incoming } = connectionOf(c);
  return incoming ? incoming.iterator({ destroyOnReturn: false }) : c.req.raw.body?.values();
}

/** The Content-Length; undefined for a chunked body. */
function lengthOf(c: Context): number | undefined {
  const text = c.req.header('content-length');
  return text === undefined || c.req.header('transfer-encoding') !== undefined ? undefined : Number(text);
}

interface ChunkOptions extends Required<BodyLimits> {
  readonly maxBytes: number;
  /** Called if the body was not read to its end. */
  readonly dropRest: (bytes: number) => void;
}

async function* chunksOf(
  c: Context,
  { maxBytes, idleMs, totalMs, dropRest }: ChunkOptions,
): AsyncGenerator<Uint8Array> {
  const body = openBody(c);
  if (!body) return;
  const endsAt = performance.now() + totalMs;
  let length = 0;
  let isWhole = false;
  try {
    for (;;) {
      const { value, done } = await within(nextOf(body), Math.min(idleMs, endsAt - performance.now()));
      isWhole = done === true;
      if (done) return;
      length += value.length;
      if (length > maxBytes) throw tooLarge(maxBytes);
      yield value;
    }
  } finally {
    if (!isWhole) dropRest(Math.max(0, maxBytes - length));
  }
}

/** The stream fails only when the client leaves: no fault of the device, so nothing for its log. */
async function nextOf(body: AsyncIterator<Uint8Array>): Promise<IteratorResult<Uint8Array>> {
  try {
    return await body.next();
  } catch {
    throw new ProblemError({
      status: 400,
      title: 'Incomplete body',
      detail: 'The client closed the connection before the end of the body',
    });
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
    detail: 'The body of the request did not arrive in time',
    // Do not wait for the rest.
    headers: { Connection: 'close' },
  });
}

function busy(): ProblemError {
  return new ProblemError({
    status: 503,
    title: 'Busy',
    detail: 'Too many other uploads are in progress',
    headers: { 'Retry-After': '2' },
  });
}

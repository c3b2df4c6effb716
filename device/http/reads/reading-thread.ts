import { Worker } from 'node:worker_threads';
import { readPlans } from '../../contract/reads.ts';
import { describeError } from '../../core/errors.ts';
import type { Part } from '../../core/lifecycle.ts';
import type { Log } from '../../core/log.ts';
import { ProblemError } from '../answers/problem.ts';
import type { FromReader, ToReader } from './messages.ts';
import type { ReadQuery } from './query.ts';
import type { Read, Reads } from './reads.ts';
import { defaultUnreadMs, dropUnread } from './unread.ts';

/** Limit of open answers. Beyond it a client gets 503 with Retry-After. */
const maxOpen = 64;
/** Idle time after which the thread ends: it holds 40 MB, and a page reads once a minute. */
const idleMs = 5000;
/** Limit of V8's heap. Keys and pieces of all answers need less than half of it. */
const maxHeapMb = 96;

export interface ReadingThreadDeps {
  /** Path of the database. */
  readonly file: string;
  readonly log: Log;
  /** Called when a read finds the database with this inode damaged. */
  readonly onDamage?: (inode: number, message: string) => void;
  /** The script of the thread; tests pass the built one. */
  readonly entry?: URL;
  readonly maxOpen?: number;
  readonly unreadMs?: number;
}

type Answer = (message: FromReader | undefined) => void;

/** Reads the log in a thread of its own, which runs only while there are reads. */
export class ReadingThread implements Reads, Part {
  readonly name = 'reads';
  readonly #deps: ReadingThreadDeps;
  /** The open answers, each with the callback for its next message. */
  readonly #open = new Map<number, Answer | undefined>();
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;
  #lastId = 0;

  constructor(deps: ReadingThreadDeps) {
    this.#deps = deps;
  }

  async open(query: ReadQuery): Promise<Read> {
    if (this.#open.size >= (this.#deps.maxOpen ?? maxOpen)) throw busy();
    const id = ++this.#lastId;
    const head = await this.#request({ type: 'open', id, query });
    const read: Read = {
      tag: head.type === 'head' ? head.tag : undefined,
      next: async () => {
        const message = await this.#request({ type: 'next', id });
        return message.type === 'piece' ? message.bytes : undefined;
      },
      close: () => {
        if (this.#open.has(id)) this.#send({ type: 'close', id });
        this.#finish(id);
      },
    };
    return dropUnread(read, this.#deps.unreadMs ?? defaultUnreadMs);
  }

  async stop(): Promise<void> {
    clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  /** Sends a message and returns the thread's answer. */
  async #request(message: ToReader): Promise<FromReader> {
    const { id } = message;
    const answer = await new Promise<FromReader | undefined>((resolve) => {
      this.#open.set(id, resolve);
      this.#send(message);
    });
    if (answer?.type === 'head' || answer?.type === 'piece') {
      this.#open.set(id, undefined);
      return answer;
    }
    this.#finish(id);
    if (answer?.type === 'end') return answer;
    if (answer?.damage) this.#deps.onDamage?.(answer.damage.inode, answer.damage.message);
    if (answer?.stack) this.#deps.log.error(`reading the log failed: ${answer.stack}`);
    throw new ProblemError(answer?.problem ?? ended);
  }

  #send(message: ToReader): void {
    clearTimeout(this.#idle);
    this.#worker ??= this.#start();
    this.#worker.postMessage(message);
  }

  #finish(id: number): void {
    this.#open.delete(id);
    if (this.#open.size > 0 || !this.#worker) return;
    this.#idle = setTimeout(() => void this.stop(), idleMs).unref();
  }

  #start(): Worker {
    const { file, log, entry = new URL('./reader-main.js', import.meta.url) } = this.#deps;
    const worker = new Worker(entry, {
      workerData: { file, plans: readPlans },
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMb, maxYoungGenerationSizeMb: 4 },
      execArgv: [],
    });
    worker.unref();
    worker.on('message', (message: FromReader) => this.#open.get(message.id)?.(message));
    worker.on('error', (error) => log.error({ err: error }, `the reading thread failed: ${describeError(error)}`));
    worker.on('exit', () => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      for (const [id, answer] of [...this.#open]) {
        this.#open.delete(id);
        answer?.(undefined);
      }
    });
    return worker;
  }
}

const ended = {
  status: 503,
  title: 'Not available',
  detail: 'The log could not be read to its end',
  remedy: 'Send the request again; the log of the daemon says why.',
  headers: { 'Retry-After': '2' },
} as const;

function busy(): ProblemError {
  return new ProblemError({
    status: 503,
    title: 'Busy',
    detail: 'Too many answers from the log are being read',
    headers: { 'Retry-After': '2' },
  });
}

import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { inspectUploadType, type UploadFault } from '../../camera/upload.ts';
import { systemClock } from '../../core/clock.ts';
import { describeError } from '../../core/errors.ts';
import type { Part } from '../../core/lifecycle.ts';
import type { Log } from '../../core/log.ts';
import type { VisionSettings } from '../messages.ts';
import { forkWorker } from '../supervise/child.ts';
import { Patience } from '../supervise/patience.ts';
import { StderrLog } from '../supervise/stderr-log.ts';
import type { FromUpload, ToUpload, UploadResult } from './messages.ts';

/** `slow`: it exceeded the time limit; `busy`: too many pictures wait; `unavailable`: nothing can be classified. */
interface UploadRefusal {
  readonly kind: UploadFault['kind'] | 'slow' | 'busy' | 'unavailable';
  readonly detail: string;
  readonly remedy?: string;
}

export type UploadOutcome = { readonly result: UploadResult } | { readonly refusal: UploadRefusal };

export interface UploadsDeps {
  readonly settings: () => VisionSettings;
  readonly log: Log;
  /** The file that the process runs; tests use others. */
  readonly entry?: string;
  /** Time limit for one picture in ms; default 10 s. */
  readonly deadlineMs?: number;
  /** The process ends after this time without a request, in ms; default one minute. */
  readonly idleMs?: number;
  /** Limits of a start; a slow board gets more time at the next picture. */
  readonly patience?: Patience;
}

/** Maximum number of waiting pictures. */
const maxWaiting = 8;
/** Bytes of a picture that are sent at once. Node copies a message before it sends it: 10 MB hold the daemon for 10 ms and more. */
const partBytes = 256 * 1024;

/**
 * Classifies uploaded pictures one after the other, in a process that exists only while there are requests. A picture
 * that hangs or crashes the process fails alone. Nothing is stored.
 */
export class Uploads implements Part {
  readonly name = 'uploads';
  readonly #deps: UploadsDeps;
  readonly #patience: Patience;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #worker: Worker | undefined;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(deps: UploadsDeps) {
    this.#deps = deps;
    this.#patience = deps.patience ?? new Patience();
  }

  /** Process id of the upload process while it runs. */
  get pid(): number | undefined {
    return this.#worker?.pid;
  }

  /** Number of pictures that are being classified or wait for it. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Classifies one picture. Never rejects. */
  async classify(bytes: Buffer): Promise<UploadOutcome> {
    const fault = inspectUploadType(bytes);
    if (fault) return { refusal: fault };
    if (this.#waiting >= maxWaiting)
      return { refusal: { kind: 'busy', detail: 'Other pictures are being classified' } };
    this.#waiting += 1;
    const outcome = this.#last.then(() => this.#classifyNext(bytes));
    this.#last = outcome;
    return outcome.finally(() => {
      this.#waiting -= 1;
    });
  }

  async stop(): Promise<void> {
    clearTimeout(this.#idleTimer);
    await this.#end();
  }

  async #classifyNext(bytes: Buffer): Promise<UploadOutcome> {
    clearTimeout(this.#idleTimer);
    const { settings, log, entry, deadlineMs = 10_000, idleMs = 60_000 } = this.#deps;
    const wanted = settings();
    // Other settings need another pipeline.
    if (this.#worker && this.#worker.madeFor !== JSON.stringify(wanted)) await this.#end();
    try {
      this.#worker ??= new Worker(wanted, log, this.#patience, entry);
    } catch (error) {
      // For instance, no memory for another process at this moment; the next picture may succeed.
      return { refusal: { kind: 'unavailable', detail: describeError(error) } };
    }
    const worker = this.#worker;
    const outcome = await worker.classify(bytes, deadlineMs);
    if (worker.hasEnded) this.#worker = undefined;
    this.#idleTimer = setTimeout(() => void this.#end(), idleMs).unref();
    return outcome;
  }

  async #end(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.kill();
  }
}

/** One upload process. */
class Worker {
  readonly madeFor: string;
  readonly #child: ChildProcess;
  readonly #log: Log;
  readonly #patience: Patience;
  readonly #ended: Promise<void>;
  #started: Promise<UploadRefusal | undefined>;
  #onAnswer: ((message: FromUpload | undefined) => void) | undefined;
  hasEnded = false;

  constructor(
    settings: VisionSettings,
    log: Log,
    patience: Patience,
    entry = fileURLToPath(new URL('./upload-main.js', import.meta.url)),
  ) {
    this.madeFor = JSON.stringify(settings);
    this.#log = log;
    this.#patience = patience;
    this.#child = forkWorker(entry);
    const stderr = new StderrLog(log, systemClock);
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => stderr.add(text));
    this.#child.on('message', (message: FromUpload) => this.#onAnswer?.(message));
    this.#child.on('error', (error) => log.error({ err: error }, 'The upload process could not be started'));
    this.#ended = new Promise((resolve) => {
      this.#child.once('close', () => {
        this.hasEnded = true;
        stderr.flush();
        this.#onAnswer?.(undefined);
        resolve();
      });
    });
    this.#started = this.#start(settings);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  async classify(bytes: Buffer, deadlineMs: number): Promise<UploadOutcome> {
    const fault = await this.#started;
    if (fault) return { refusal: fault };
    const answer = await this.#request(partsOf(bytes), deadlineMs);
    if (answer === 'late') {
      this.#log.warn(`An uploaded picture took longer than ${deadlineMs / 1000} s and was given up`);
      await this.kill();
      const detail = `The picture could not be classified within ${deadlineMs / 1000} s`;
      return { refusal: { kind: 'slow', detail, remedy: 'Make it smaller, for example 1280x720.' } };
    }
    if (answer?.type === 'classified') return { result: answer.result };
    if (answer?.type === 'refused') return { refusal: { kind: answer.kind, detail: answer.detail } };
    this.#log.warn('The upload process ended over a picture');
    return { refusal: { kind: 'damaged', detail: 'The picture cannot be decoded' } };
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  async #start(settings: VisionSettings): Promise<UploadRefusal | undefined> {
    const limitMs = this.#patience.limitMs('loading');
    const answer = await this.#request([{ type: 'start', settings }], limitMs);
    if (answer !== 'late' && answer?.type === 'ready') return undefined;
    await this.kill();
    if (answer === 'late') {
      this.#patience.addExceeded('loading');
      return {
        kind: 'unavailable',
        detail: `The upload process was not ready within ${limitMs / 1000} s`,
        remedy: 'Send the picture again: the next start gets more time.',
      };
    }
    const fatal = answer?.type === 'fatal' ? answer : undefined;
    return {
      kind: 'unavailable',
      detail: fatal?.message ?? 'The upload process could not be started',
      remedy: fatal?.remedy ?? 'Run mien doctor on the device.',
    };
  }

  /** The answer to the last message; undefined when the process ended first, `late` after the deadline. */
  #request(messages: Iterable<ToUpload>, deadlineMs: number): Promise<FromUpload | 'late' | undefined> {
    return new Promise((resolve) => {
      const done = (answer: FromUpload | 'late' | undefined) => {
        clearTimeout(timer);
        this.#onAnswer = undefined;
        resolve(answer);
      };
      const timer = setTimeout(() => done('late'), deadlineMs);
      this.#onAnswer = done;
      if (this.hasEnded) done(undefined);
      else void this.#send(messages);
    });
  }

  /** Sends one message after the other. A process that ends meanwhile reads none of them. */
  async #send(messages: Iterable<ToUpload>): Promise<void> {
    for (const message of messages) {
      if (this.hasEnded) return;
      await new Promise<void>((resolve) => this.#child.send(message, () => resolve()));
    }
  }
}

function* partsOf(bytes: Buffer): Generator<ToUpload> {
  let at = 0;
  for (; at + partBytes < bytes.length; at += partBytes)
    yield { type: 'part', bytes: bytes.subarray(at, at + partBytes) };
  yield { type: 'classify', bytes: bytes.subarray(at) };
}

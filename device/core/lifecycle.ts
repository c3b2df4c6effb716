import { wait } from './clock.ts';
import { describeError } from './errors.ts';
import type { Log } from './log.ts';

/** A part of the daemon that is started and stopped. The constructor of a part only stores its dependencies. */
export interface Part {
  readonly name: string;
  start?(): Promise<void> | void;
  /** Flushes and frees what the part holds. Is called only after `start` has succeeded. */
  stop?(): Promise<void> | void;
}

/** Longest stop of one part, in ms. */
const defaultStopDeadlineMs = 1500;

/** Starts parts in order and stops them backwards, each with a deadline. Is used once. */
export class Lifecycle {
  readonly #log: Log;
  readonly #stopDeadlineMs: number;
  readonly #started: Part[] = [];
  #stopping: Promise<void> | undefined;

  constructor(log: Log, { stopDeadlineMs = defaultStopDeadlineMs }: { stopDeadlineMs?: number } = {}) {
    this.#log = log;
    this.#stopDeadlineMs = stopDeadlineMs;
  }

  /** @throws what a part throws at its start, after the parts before it have stopped */
  async start(parts: readonly Part[]): Promise<void> {
    try {
      for (const part of parts) {
        await part.start?.();
        this.#started.push(part);
      }
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Stops what was started; a further call waits for the same stop. Never rejects. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async #stopAll(): Promise<void> {
    for (const part of this.#started.splice(0).reverse()) await this.#stopOne(part);
  }

  /** A part that fails or hangs is logged, so that the other parts still flush. */
  async #stopOne(part: Part): Promise<void> {
    const { name } = part;
    const deadline = new AbortController();
    const stopped = Promise.resolve()
      .then(() => part.stop?.())
      .catch((error: unknown) =>
        this.#log.error({ err: error }, `${name} did not stop cleanly: ${describeError(error)}`),
      )
      .then(() => deadline.abort());
    await Promise.race([stopped, wait(this.#stopDeadlineMs, deadline.signal)]);
    if (!deadline.signal.aborted) this.#log.error(`${name} did not stop within ${this.#stopDeadlineMs} ms`);
  }
}

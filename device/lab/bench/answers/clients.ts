/** A thread with the clients of the daemon. Real clients run on other machines, so it leaves the processors to the daemon and the probe. */
import { constants, setPriority } from 'node:os';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

export interface Request {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | undefined;
}

export interface Answers {
  /** Distinct; 0 for a closed connection, which the daemon answers a refused body with. */
  readonly statuses: readonly number[];
  /** Of all bodies together. */
  readonly bytes: number;
}

const atOnce = 20;

export class Clients {
  readonly #worker = new Worker(new URL(import.meta.url));

  /** Sends the request 20 times at once. */
  async send(request: Request): Promise<Answers> {
    const answered = new Promise<Answers>((resolve) => this.#worker.once('message', resolve));
    this.#worker.postMessage(request);
    return answered;
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}

if (!isMainThread && parentPort) {
  // On Linux, this is the priority of the thread alone.
  setPriority(constants.priority.PRIORITY_LOW);
  parentPort.on('message', async (request: Request) => {
    const all = await Promise.all(Array.from({ length: atOnce }, () => answerTo(request)));
    const statuses = [...new Set(all.map(({ status }) => status))].sort();
    parentPort!.postMessage({ statuses, bytes: all.reduce((sum, { length }) => sum + length, 0) } satisfies Answers);
  });
}

async function answerTo({ url, body, ...init }: Request): Promise<{ status: number; length: number }> {
  try {
    const answer = await fetch(url, { ...init, ...(body && { body: new Uint8Array(body) }) });
    let length = 0;
    for await (const chunk of answer.body ?? []) length += chunk.length;
    return { status: answer.status, length };
  } catch {
    // The daemon closes the connection of a refused body.
    return { status: 0, length: 0 };
  }
}

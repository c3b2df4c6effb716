import { hostileUploads } from '../../fixtures/hostile-pictures.ts';

/** Sends hostile pictures to a daemon, one after the other, until it is stopped. */
export class Attack {
  readonly #origin: string;
  readonly #done: Promise<void>;
  #isOver = false;
  #uploads = 0;
  #notRefused = 0;

  private constructor(origin: string) {
    this.#origin = origin;
    this.#done = this.#send();
  }

  static start(origin: string): Attack {
    return new Attack(origin);
  }

  async end(): Promise<{ uploads: number; uploadsNotRefused: number }> {
    this.#isOver = true;
    await this.#done;
    return { uploads: this.#uploads, uploadsNotRefused: this.#notRefused };
  }

  async #send(): Promise<void> {
    const pictures = hostileUploads();
    while (!this.#isOver) {
      const { body, type, headers } = pictures[this.#uploads % pictures.length]!;
      const status = await this.#statusOf(body, { 'content-type': type, 'x-mien': '1', ...headers });
      this.#uploads += 1;
      if (status < 400 || status > 499) this.#notRefused += 1;
    }
  }

  /** HTTP status; 0 without an answer, which does not count as a refusal. */
  async #statusOf(body: Buffer, headers: Record<string, string>): Promise<number> {
    try {
      const answer = await fetch(`${this.#origin}/api/v1/classify`, {
        method: 'POST',
        headers,
        body: new Uint8Array(body),
      });
      await answer.arrayBuffer();
      return answer.status;
    } catch {
      return 0;
    }
  }
}

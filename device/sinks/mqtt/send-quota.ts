/**
 * Runs up to `maximum` sends at the same time. Further ones wait, in their order. mqtt.js has no such bound, and a broker ends
 * the connection of a client that exceeds its Receive Maximum (MQTT 5, 4.9).
 */
export class SendQuota {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(maximum: number) {
    this.#free = maximum;
  }

  /** Calls `send` at once if its turn has come. Settles like `send`. */
  async run(send: () => Promise<void>): Promise<void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      await send();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free += 1;
    }
  }
}

import type { Config } from '../../config/schema.ts';
import type { Part } from '../../core/lifecycle.ts';
import type { Log } from '../../core/log.ts';
import { type Addresses, addressesOf } from './addresses.ts';
import { type Fetcher, type RunningServer, serveApp } from './serve.ts';

/** The HTTP server of the daemon, with the addresses under which it is reached. */
export class HttpServer implements Part {
  readonly name = 'http';
  readonly #app: Fetcher;
  readonly #config: Config['http'];
  readonly #log: Log;
  #running: (RunningServer & { readonly addresses: Addresses }) | undefined;

  constructor(app: Fetcher, config: Config['http'], log: Log) {
    this.#app = app;
    this.#config = config;
    this.#log = log;
  }

  /** @throws MienError as `serveApp` does */
  async start(): Promise<void> {
    const server = await serveApp(this.#app, { ...this.#config, log: this.#log });
    this.#running = { ...server, addresses: addressesOf(this.#config, server.port) };
  }

  async stop(): Promise<void> {
    await this.#running?.stop();
  }

  get addresses(): Addresses {
    if (!this.#running) throw new Error('the HTTP server has not started');
    return this.#running.addresses;
  }
}

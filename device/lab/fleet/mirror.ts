import { once } from 'node:events';
import { createReadStream, existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { copyFile, readdir } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { basename, join } from 'node:path';

/** A mirror: static files over http with ranges, as any web server serves them. It counts what it sends. */
export class Mirror {
  readonly folder: string;
  /** Bytes sent by file. */
  readonly sent = new Map<string, number>();
  requests = 0;
  readonly #server: Server;

  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  async start(address: string, port: number): Promise<void> {
    this.#server.listen(port, address);
    await once(this.#server, 'listening');
  }

  /** Serves the files of this folder and no others. */
  async serve(release: string): Promise<void> {
    rmSync(this.folder, { recursive: true, force: true });
    mkdirSync(this.folder);
    for (const file of await readdir(release)) await copyFile(join(release, file), join(this.folder, file));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    this.requests += 1;
    const name = basename(new URL(request.url ?? '/', 'http://mirror').pathname);
    const file = join(this.folder, name);
    if (name === '' || !existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    const { size } = statSync(file);
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    if (start >= size && size > 0) {
      response.writeHead(416, { 'content-range': `bytes */${size}` }).end();
      return;
    }
    const range = start > 0 ? { 'content-range': `bytes ${start}-${size - 1}/${size}` } : {};
    response.writeHead(start > 0 ? 206 : 200, { 'content-length': size - start, 'accept-ranges': 'bytes', ...range });
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    const stream = createReadStream(file, { start });
    stream.on('data', (chunk) => this.sent.set(name, (this.sent.get(name) ?? 0) + chunk.length));
    stream.pipe(response);
    response.once('close', () => stream.destroy());
  }
}

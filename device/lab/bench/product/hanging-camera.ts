import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const boundary = 'frame';

/** A network camera (multipart MJPEG over HTTP) that can be made to hang. */
export class HangingCamera {
  readonly #pictures: readonly Uint8Array[];
  readonly #server: Server;
  readonly #sending = new Set<ServerResponse>();
  readonly #ticker: NodeJS.Timeout;
  #next = 0;
  #onReopened: (() => void) | undefined;
  /** Number of next connections that are not answered. */
  #deafOpenings = 0;

  private constructor(pictures: readonly Uint8Array[], fps: number) {
    this.#pictures = pictures;
    this.#server = createServer((_request, response) => this.#open(response));
    this.#ticker = setInterval(() => this.#send(), 1000 / fps);
  }

  /** @param pictures JPEG files, sent in turns */
  static async start(pictures: readonly Uint8Array[], fps: number): Promise<HangingCamera> {
    const camera = new HangingCamera(pictures, fps);
    camera.#server.listen(0, '127.0.0.1');
    await once(camera.#server, 'listening');
    return camera;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/stream`;
  }

  /**
   * Stops sending on all open connections. Resolves when a new connection is opened and answered.
   *
   * @param deafOpenings number of new connections that are accepted and never answered
   */
  hang(deafOpenings = 0): Promise<void> {
    this.#sending.clear();
    this.#deafOpenings = deafOpenings;
    return new Promise((resolve) => {
      this.#onReopened = resolve;
    });
  }

  async stop(): Promise<void> {
    clearInterval(this.#ticker);
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  #open(response: ServerResponse): void {
    if (this.#deafOpenings-- > 0) return;
    response.writeHead(200, { 'Content-Type': `multipart/x-mixed-replace; boundary=${boundary}` });
    this.#sending.add(response);
    response.on('close', () => this.#sending.delete(response));
    this.#onReopened?.();
  }

  #send(): void {
    const picture = this.#pictures[this.#next++ % this.#pictures.length]!;
    const head = `--${boundary}\r\nContent-Type: image/jpeg\r\nContent-Length: ${picture.length}\r\n\r\n`;
    const part = Buffer.concat([Buffer.from(head), picture, Buffer.from('\r\n')]);
    for (const response of this.#sending) response.write(part);
  }
}

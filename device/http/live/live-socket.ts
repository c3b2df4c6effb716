import { upgradeWebSocket } from '@hono/node-server';
import type { MiddlewareHandler } from 'hono';
import type { WebSocket } from 'ws';
import { type StateMessage, stateMessageSchema } from '../../contract/live.ts';
import { toOutside } from '../../contract/outside.ts';
import { describeError } from '../../core/errors.ts';
import type { Log } from '../../core/log.ts';
import { frameMessage } from '../../sinks/live/frame-message.ts';
import type { Viewer, Viewers } from '../../sinks/live/viewers.ts';
import { liveQuery } from '../schemas/live.ts';

export interface LiveSocketDeps {
  readonly viewers: Viewers;
  readonly view: () => StateMessage;
  readonly onStateChange: (listener: () => void) => () => void;
  readonly log: Log;
  /** How often a sign of life is sent, and expected back. */
  readonly heartbeatMs: number;
}

/** Bytes that may wait for a viewer when a ping of its is answered. */
const maxPongBacklog = 16_384;

/** GET /live: a WebSocket with the state as text, and each frame with its reading as one binary message. */
export function liveSocket(deps: LiveSocketDeps): MiddlewareHandler {
  return upgradeWebSocket(
    (c) => {
      const { fps } = liveQuery.parse(c.req.query());
      let connection: LiveConnection | undefined;
      return {
        onOpen: (_event, context) => {
          connection = new LiveConnection(context.raw as unknown as WebSocket, deps, fps);
          connection.start();
        },
        onClose: () => connection?.stop(),
        onError: () => connection?.stop(),
      };
    },
    { onError: (error) => deps.log.error({ err: error }, `live connection failed: ${describeError(error)}`) },
  );
}

/**
 * One viewer. At most one frame and one state are on their way to it; `ws` calls back when the socket has taken them, and
 * only then the newest frame, or the state as it is by then, follows.
 */
class LiveConnection {
  readonly #socket: WebSocket;
  readonly #deps: LiveSocketDeps;
  /** Undefined for one that wants the state alone. */
  readonly #viewer: Viewer | undefined;
  readonly #release: Array<() => void> = [];
  #stateOnItsWay = false;
  #stateChanged = false;
  #answered = true;

  constructor(socket: WebSocket, deps: LiveSocketDeps, fps: number | undefined) {
    this.#socket = socket;
    this.#deps = deps;
    this.#viewer = fps === 0 ? undefined : deps.viewers.open('plain', fps);
  }

  start(): void {
    const heartbeat = setInterval(() => this.#beat(), this.#deps.heartbeatMs);
    this.#release.push(
      () => clearInterval(heartbeat),
      this.#deps.onStateChange(() => this.#sendState()),
      () => this.#viewer?.close(),
    );
    answerPings(this.#socket);
    this.#socket.on('pong', () => {
      this.#answered = true;
    });
    this.#sendState();
    void this.#sendFrames();
  }

  stop(): void {
    for (const release of this.#release.splice(0)) release();
  }

  async #sendFrames(): Promise<void> {
    for (;;) {
      const frame = await this.#viewer?.next();
      if (!frame || !(await this.#send(frameMessage(frame)))) return;
    }
  }

  #sendState(): void {
    this.#stateChanged = true;
    if (this.#stateOnItsWay) return;
    this.#stateOnItsWay = true;
    void this.#sendStates();
  }

  async #sendStates(): Promise<void> {
    while (this.#stateChanged) {
      this.#stateChanged = false;
      if (!(await this.#send(JSON.stringify(toOutside(stateMessageSchema, this.#deps.view()))))) return;
    }
    this.#stateOnItsWay = false;
  }

  /** Resolves when the socket has taken it: true; or when the viewer has gone: false. */
  #send(data: string | Uint8Array): Promise<boolean> {
    return new Promise((resolve) => {
      this.#socket.send(data, (error) => {
        if (error) {
          this.#deps.log.debug({ err: error }, `viewer gone: ${describeError(error)}`);
          this.stop();
        }
        resolve(!error);
      });
    });
  }

  /** A viewer that does not answer is ended, so that nothing is encoded for a screen that is not there. */
  #beat(): void {
    if (!this.#answered) {
      this.#socket.terminate();
      return;
    }
    this.#answered = false;
    this.#socket.ping();
    this.#sendState();
  }
}

/** Answers pings as long as the viewer takes what it gets: one that pings and does not read would fill the memory with pongs. */
export function answerPings(socket: Pick<WebSocket, 'on' | 'pong' | 'bufferedAmount'>): void {
  socket.on('ping', (data) => {
    if (socket.bufferedAmount < maxPongBacklog) socket.pong(data);
  });
}

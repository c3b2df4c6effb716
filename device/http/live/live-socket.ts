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
  /** Interval of the pings, in ms. A viewer must answer within it. */
  readonly heartbeatMs: number;
}

/** Maximum of bytes that wait for a viewer while its pings are answered. */
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
 * Connection of one viewer. At most one frame and one state are in flight. `ws` calls back when the socket has taken one;
 * then the newest frame or the present state follows.
 */
class LiveConnection {
  readonly #socket: WebSocket;
  readonly #deps: LiveSocketDeps;
  /** Undefined for a viewer that wants only the state. */
  readonly #viewer: Viewer | undefined;
  readonly #release: Array<() => void> = [];
  #isSendingState = false;
  #stateChanged = false;
  #hasAnswered = true;

  constructor(socket: WebSocket, deps: LiveSocketDeps, fps: number | undefined) {
    this.#socket = socket;
    this.#deps = deps;
    this.#viewer = fps === 0 ? undefined : deps.viewers.open('plain', fps);
  }

  start(): void {
    const heartbeat = setInterval(() => this.#ping(), this.#deps.heartbeatMs);
    this.#release.push(
      () => clearInterval(heartbeat),
      this.#deps.onStateChange(() => this.#sendState()),
      () => this.#viewer?.close(),
    );
    answerPings(this.#socket);
    this.#socket.on('pong', () => {
      this.#hasAnswered = true;
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
    if (this.#isSendingState) return;
    this.#isSendingState = true;
    void this.#sendStates();
  }

  async #sendStates(): Promise<void> {
    while (this.#stateChanged) {
      this.#stateChanged = false;
      if (!(await this.#send(JSON.stringify(toOutside(stateMessageSchema, this.#deps.view()))))) return;
    }
    this.#isSendingState = false;
  }

  /** Resolves with true when the socket has taken the data, with false when the viewer has disconnected. */
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

  /** Ends the connection of a viewer that does not answer, so that no frames are encoded for it. */
  #ping(): void {
    if (!this.#hasAnswered) {
      this.#socket.terminate();
      return;
    }
    this.#hasAnswered = false;
    this.#socket.ping();
    this.#sendState();
  }
}

/** Answers pings while the viewer reads. A viewer that sends pings and does not read would fill the memory with pongs. */
export function answerPings(socket: Pick<WebSocket, 'on' | 'pong' | 'bufferedAmount'>): void {
  socket.on('ping', (data) => {
    if (socket.bufferedAmount < maxPongBacklog) socket.pong(data);
  });
}

import type { StateMessage } from '../../../../device/contract/live.ts';
import { Backoff } from '../../../../device/core/backoff.ts';
import { type Frame, parseFrame, parseState } from './frame.ts';

/** The used part of a WebSocket, which tests replace. */
export interface Socket {
  binaryType: string;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
  close(): void;
}

export interface ConnectionDeps {
  readonly open: () => Socket;
  readonly onFrame: (frame: Frame) => void;
  readonly onState: (state: StateMessage) => void;
  readonly onConnected: (connected: boolean) => void;
  readonly onFault: (fault: unknown) => void;
}

/** Silence after which the daemon counts as hung: it sends a message at least every 5 s. */
export const silenceMs = 15_000;
const retrySteps = [250, 500, 1000, 2000, 5000];

/** Keeps one WebSocket to the daemon. Whenever it ends, it is opened again with stepped backoff. */
export class LiveConnection {
  readonly #deps: ConnectionDeps;
  readonly #backoff = new Backoff(retrySteps);
  #socket: Socket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(deps: ConnectionDeps) {
    this.#deps = deps;
  }

  start(): void {
    const socket = this.#deps.open();
    socket.binaryType = 'arraybuffer';
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = () => this.#lost();
    this.#socket = socket;
    this.#expectSignOfLife();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#letGo();
  }

  #receive(data: unknown): void {
    this.#expectSignOfLife();
    try {
      if (data instanceof ArrayBuffer) {
        this.#deps.onFrame(parseFrame(data));
        return;
      }
      const state = parseState(String(data));
      if (!state) return;
      // Not when the socket opens: a daemon that accepts connections and then fails has not recovered.
      this.#backoff.reset();
      this.#deps.onConnected(true);
      this.#deps.onState(state);
    } catch (fault) {
      this.#deps.onFault(fault);
    }
  }

  #expectSignOfLife(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#lost(), silenceMs);
  }

  #lost(): void {
    clearTimeout(this.#timer);
    this.#letGo();
    this.#deps.onConnected(false);
    this.#timer = setTimeout(() => this.start(), this.#backoff.next());
  }

  /** Removes the handlers, so that messages of an old socket are ignored. */
  #letGo(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    if (!socket) return;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
  }
}

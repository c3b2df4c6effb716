import { WebSocket } from 'ws';
import type { FrameHead, StateMessage } from '../../../contract/live.ts';
import type { DeviceState } from '../../../core/state.ts';
import type { Reading } from '../../../core/types.ts';

/** A viewer that counts frames and measures their latency since capture. */
export class Viewer {
  readonly #socket: WebSocket;
  #frames = 0;
  #isConnected = true;
  #newest: Reading | undefined;
  #state: DeviceState | undefined;
  #latencies: number[] = [];

  constructor(origin: string) {
    this.#socket = new WebSocket(`${origin.replace('http', 'ws')}/live`);
    this.#socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) this.#take(data);
      else this.#state = (JSON.parse(data.toString()) as StateMessage).state;
    });
    this.#socket.on('close', () => {
      this.#isConnected = false;
    });
  }

  get frames(): number {
    return this.#frames;
  }

  /** False after a lost connection: a page would have to reconnect. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** The reading of the newest picture; undefined before the first. */
  get newest(): Reading | undefined {
    return this.#newest;
  }

  /** The last received state; undefined before the first. */
  get state(): DeviceState | undefined {
    return this.#state;
  }

  /** Values since the last call. */
  takeLatencies(): number[] {
    return this.#latencies.splice(0);
  }

  close(): void {
    this.#socket.close();
  }

  #take(data: Buffer): void {
    const arrivedAt = preciseNow();
    const { reading } = JSON.parse(data.toString('utf8', 4, 4 + data.readUInt32BE(0))) as FrameHead;
    this.#newest = reading;
    this.#frames += 1;
    this.#latencies.push(arrivedAt - reading.ts);
  }
}

/**
 * Wall clock in fractions of a ms. `ts` is in whole ms, rounded down, so that latencies come out up to 1 ms too long. `mono`
 * would be finer, but each process counts it from its own start.
 */
export function preciseNow(): number {
  return performance.timeOrigin + performance.now();
}

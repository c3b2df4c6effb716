import type { CameraCode, GovernorCode, MqttCode, StoreCode, VisionCode } from './codes.ts';
import { type Mask, maskAddress, maskUrls } from './mask.ts';

/** What the device says of itself: on the kiosk page, over MQTT, at /healthz. One board, each part written by its owner. */
export interface DeviceState {
  readonly camera: {
    /** `lost` is being worked on (reopening); `ended` is a recording that was played once; `paused` by an operator. */
    readonly state: 'starting' | 'online' | 'lost' | 'ended' | 'paused';
    readonly source: string;
    readonly width?: number;
    readonly height?: number;
    /** Frames a second that the source promises, at most as many as were asked for. */
    readonly fps?: number;
    /** Why it is lost, and what to do, in one line. */
    readonly reason?: string;
    /** The same for programs. */
    readonly code?: CameraCode;
  };
  readonly vision: {
    readonly state: 'starting' | 'running' | 'restarting';
    readonly detector?: string;
    readonly model?: string;
    readonly precision?: 'fp32' | 'int8';
    /** Class labels in the order of the model card. */
    readonly labels?: readonly string[];
    /** Set where faces may be called `uncertain`. */
    readonly uncertain?: boolean;
    /** Frames a second processed, and dropped because a newer one was there, over the last seconds. */
    readonly fps?: number;
    readonly droppedFps?: number;
    /** Milliseconds from frame to reading, median. */
    readonly latencyMs?: number;
    /** Memory that the process has for itself, in MB. */
    readonly memoryMb?: number;
    readonly restarts: number;
    /** Why it was started again the last time, in one line. */
    readonly lastRestart?: string;
    /** A degraded state in one line with its remedy, e.g. the Haar fallback. */
    readonly warning?: string;
    /** The same for programs. */
    readonly code?: VisionCode;
  };
  /** Absent where the board tells neither its temperature nor whether it slows itself down. */
  readonly governor?: {
    /** `reduced`: fewer frames a second are looked at than asked for. */
    readonly state: 'full' | 'reduced';
    /** Most frames a second that are looked at. */
    readonly fpsLimit: number;
    /** Why it is reduced, and what to do, in one line. */
    readonly reason?: string;
    readonly code?: GovernorCode;
    /** Of the processor, in degrees Celsius. */
    readonly temperatureC?: number;
    /** What slows the board down at this moment; empty for nothing. Only from boards that say so. */
    readonly throttled?: readonly string[];
  };
  readonly store: {
    readonly state: 'starting' | 'ok' | 'failing';
    readonly reason?: string;
    readonly code?: StoreCode;
    readonly pending?: number;
  };
  readonly mqtt: {
    readonly state: 'disabled' | 'connecting' | 'connected' | 'offline';
    readonly url?: string;
    readonly reason?: string;
    readonly code?: MqttCode;
  };
}

export type StateListener = (state: DeviceState) => void;

/** The board: whole state, replaced part by part; listeners hear of changes only. */
export class StateBoard {
  #state: DeviceState;
  readonly #listeners = new Set<StateListener>();

  readonly #mask: Mask;

  /** @param mask takes secrets out of every text that is written on the board */
  constructor(source: string, mask: Mask = maskUrls) {
    this.#mask = mask;
    this.#state = {
      camera: { state: 'starting', source: mask(maskAddress(source)) },
      vision: { state: 'starting', restarts: 0 },
      store: { state: 'starting' },
      mqtt: { state: 'disabled' },
    };
  }

  get current(): DeviceState {
    return this.#state;
  }

  /** Merges `change` into one part. An explicit `undefined` clears a field. */
  update<Part extends keyof DeviceState>(part: Part, change: Partial<NonNullable<DeviceState[Part]>>): void {
    const before = this.#state[part];
    const after = { ...before, ...mapTexts(change, this.#mask) };
    if (JSON.stringify(before) === JSON.stringify(after)) return;
    this.#state = { ...this.#state, [part]: after };
    for (const listener of this.#listeners) listener(this.#state);
  }

  subscribe(listener: StateListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** An explicit `undefined` stays one: it clears a field. */
function mapTexts<T extends object>(change: T, mask: Mask): T {
  const entries = Object.entries(change).map(([key, value]) => [key, typeof value === 'string' ? mask(value) : value]);
  return Object.fromEntries(entries) as T;
}

import type { CameraCode, GovernorCode, MqttCode, StoreCode, VisionCode } from './codes.ts';
import { type Mask, maskAddress, maskUrls } from './mask.ts';
import type { OutboxCondition } from './store.ts';

/** The state of the device, for the kiosk page, MQTT and /healthz. Each part is written by its owner. */
export interface DeviceState {
  readonly camera: {
    /**
     * `loading`: the vision process loads libraries and networks, or measures them with the first picture; `lost`: the
     * camera is being reopened; `ended`: a recording was played once; `paused`: by an operator.
     */
    readonly state: 'loading' | 'starting' | 'online' | 'lost' | 'ended' | 'paused';
    readonly source: string;
    readonly width?: number;
    readonly height?: number;
    /** Nominal frames per second of the source, at most the configured rate. */
    readonly fps?: number;
    /** Why the camera is lost, and the remedy, or what is loaded; in one line. */
    readonly reason?: string;
    /** The same for programs. */
    readonly code?: CameraCode;
  };
  readonly vision: {
    readonly state: 'starting' | 'running' | 'restarting';
    readonly detector?: string;
    readonly model?: string;
    /** Name of the model, and the first 8 digits of the SHA-256 of its file. */
    readonly modelId?: string;
    readonly precision?: 'fp32' | 'int8';
    /** Class labels in the order of the model card. */
    readonly labels?: readonly string[];
    /** Set where faces may be called `uncertain`. */
    readonly uncertain?: boolean;
    /** Frames per second that were processed, and dropped for a newer one, over the last seconds. */
    readonly fps?: number;
    readonly droppedFps?: number;
    /** Milliseconds from frame to reading, median. */
    readonly latencyMs?: number;
    /** Private memory of the process, in MB. */
    readonly memoryMb?: number;
    readonly restarts: number;
    /** Why the process was last restarted, in one line. */
    readonly lastRestart?: string;
    /** A degraded state in one line with its remedy, e.g. the Haar fallback. */
    readonly warning?: string;
    /** The same for programs. */
    readonly code?: VisionCode;
  };
  /** Absent where the board reports neither temperature nor throttling. */
  readonly governor?: {
    /** `reduced`: fewer frames per second are analysed than configured. */
    readonly state: 'full' | 'reduced';
    /** Maximum number of frames per second that are analysed. */
    readonly fpsLimit: number;
    /** Why the rate is reduced, and the remedy, in one line. */
    readonly reason?: string;
    readonly code?: GovernorCode;
    /** Temperature of the processor, in degrees Celsius. */
    readonly temperatureC?: number;
    /** Causes that slow the board down now; empty without one. Absent where the board does not report them. */
    readonly throttled?: readonly string[];
  };
  readonly store: {
    readonly state: 'starting' | 'ok' | 'failing';
    readonly reason?: string;
    readonly code?: StoreCode;
    /** Rows in memory that are not written yet. */
    readonly pending?: number;
    /** Records that wait for the broker. */
    readonly outbox?: OutboxCondition;
    /** Bytes that the daemon and its vision process wrote to disks, in MB (10^6 bytes) per day of running time. */
    readonly writtenMbPerDay?: number;
  };
  readonly mqtt: {
    readonly state: 'disabled' | 'connecting' | 'connected' | 'offline';
    readonly url?: string;
    readonly reason?: string;
    readonly code?: MqttCode;
  };
}

export type StateListener = (state: DeviceState) => void;

/** Holds the whole state, which is replaced part by part. Listeners are called for changes only. */
export class StateBoard {
  #state: DeviceState;
  readonly #listeners = new Set<StateListener>();

  readonly #mask: Mask;

  /** @param mask masks secrets in every text that is written on the board */
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

  /**
   * Merges `change` into one part. An explicit `undefined` clears a field.
   *
   * @returns whether the part is another one now; compare no texts with `current`, which has them masked
   */
  update<Part extends keyof DeviceState>(part: Part, change: Partial<NonNullable<DeviceState[Part]>>): boolean {
    const before = this.#state[part];
    const after = { ...before, ...mapTexts(change, this.#mask) };
    if (JSON.stringify(before) === JSON.stringify(after)) return false;
    this.#state = { ...this.#state, [part]: after };
    for (const listener of this.#listeners) listener(this.#state);
    return true;
  }

  subscribe(listener: StateListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** Keeps an explicit `undefined`, which clears a field. */
function mapTexts<T extends object>(change: T, mask: Mask): T {
  const entries = Object.entries(change).map(([key, value]) => [key, typeof value === 'string' ? mask(value) : value]);
  return Object.fromEntries(entries) as T;
}

import type { Clock } from '../../../core/clock.ts';
import type { Actor, Audit } from '../../../core/control.ts';
import { describeError } from '../../../core/errors.ts';
import type { LiveSource } from '../../../core/live.ts';
import type { StateBoard } from '../../../core/state.ts';
import type { LiveFrame } from '../../../core/types.ts';
import { refused } from './payload.ts';

/** Above the interval of the lowest frame rate, 0.1 per second. */
const timeoutMs = 12_000;
/** Brokers, and programs that keep each message, are made for small messages. */
const maxBytes = 500_000;

export interface SnapshotDeps {
  readonly isAllowed: boolean;
  readonly live: LiveSource;
  readonly board: StateBoard;
  /** Whether the camera is paused. The state board says so only when the vision process has closed it. */
  readonly isPaused: () => boolean;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly timeoutMs?: number;
}

interface Snapshot extends Readonly<Record<string, unknown>> {
  readonly frame: number;
  readonly ts: number;
  /** Base64. */
  readonly jpeg: string;
}

/** Takes one picture at a time. Each request is audited at its end. */
export class Snapshots {
  readonly #deps: SnapshotDeps;
  #isTaking = false;

  constructor(deps: SnapshotDeps) {
    this.#deps = deps;
  }

  /**
   * The next frame, with boxes and labels drawn into it.
   *
   * @throws MienError if pictures are not allowed, or if there is none
   */
  async take(actor: Actor): Promise<Snapshot> {
    const { audit, clock } = this.#deps;
    const request = { actor, action: 'snapshot' } as const;
    try {
      const snapshot = await this.#take();
      audit({ ...request, ts: clock.now(), outcome: 'done', details: { frame: snapshot.frame } });
      return snapshot;
    } catch (error) {
      audit({ ...request, ts: clock.now(), outcome: 'failed', reason: describeError(error) });
      throw error;
    }
  }

  async #take(): Promise<Snapshot> {
    if (!this.#deps.isAllowed) throw refused('This device sends no pictures over MQTT', 'Set mqtt.snapshots: true');
    if (this.#isTaking) throw refused('A snapshot is already in progress', 'Wait for its response, then ask again');
    this.#requireCamera();
    this.#isTaking = true;
    const frame = await nextFrame(this.#deps.live, this.#deps.timeoutMs ?? timeoutMs).finally(() => {
      this.#isTaking = false;
    });
    // The camera may have been paused meanwhile.
    this.#requireCamera();
    if (!frame) throw refused('The camera is online, but no frame came in time', 'Ask again');
    const { jpeg, reading } = frame;
    if (jpeg.length > maxBytes) {
      const remedy = 'Lower camera.width or http.jpegQuality';
      throw refused(`Expected a picture of at most ${maxBytes} bytes, got ${jpeg.length}`, remedy);
    }
    return { frame: reading.frame, ts: reading.ts, jpeg: Buffer.from(jpeg).toString('base64') };
  }

  #requireCamera(): void {
    const { board, isPaused } = this.#deps;
    const { state, reason } = board.current.camera;
    if (isPaused() || state === 'paused')
      throw refused('An operator has paused the camera', 'Resume it: request/resume');
    if (state === 'online') return;
    throw refused(`The camera is not online but ${state}`, reason ?? 'Ask again once camera/state says online');
  }
}

function nextFrame(live: LiveSource, waitMs: number): Promise<LiveFrame | undefined> {
  return new Promise((resolve) => {
    const end = (frame?: LiveFrame) => {
      clearTimeout(timer);
      unsubscribe();
      resolve(frame);
    };
    const timer = setTimeout(end, waitMs);
    const unsubscribe = live.subscribe('annotated', end);
  });
}

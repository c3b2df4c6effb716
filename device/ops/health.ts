import type { Clock } from '../core/clock.ts';
import type { Part } from '../core/lifecycle.ts';
import type { DeviceState, StateBoard } from '../core/state.ts';
import type { Reading } from '../core/types.ts';
import type { Feed } from '../sinks/live/feed.ts';
import { privateMemoryMb } from '../vision/supervise/memory.ts';

/** Health of the daemon. `failing`: a restart of the daemon is expected to help. */
export interface Health {
  readonly status: 'ok' | 'degraded' | 'failing';
  /** One line per fault. */
  readonly reasons: readonly string[];
  /** Number of the newest frame, and for how long a newer one has been due. */
  readonly frames: { readonly frame?: number; readonly unchangedMs: number };
}

/** Longest opening of the camera, and loading of the vision process, that counts as healthy. */
const startDeadlineMs = 60_000;
/** Time after the camera's stall deadline within which the supervisor must report the camera as lost. */
const graceMs = 3000;

export interface HealthCheckDeps {
  readonly board: StateBoard;
  readonly feed: Pick<Feed, 'subscribe'>;
  readonly clock: Clock;
  /** The camera's stall deadline, in ms. */
  readonly stallMs: number;
}

/**
 * Judges whether the device does its work. The daemon has one instance, and everything that reports health asks it. The
 * readings carry the clock of the vision process, which cannot be compared with the daemon's, so the check notes when a
 * reading arrives.
 */
export class HealthCheck implements Part {
  readonly name = 'health';
  readonly #deps: HealthCheckDeps;
  readonly #startedAt: number;
  #frame: number | undefined;
  #phase: Phase = 'starting';
  /** Monotonic time of the newest reading, or of the moment since when frames are due. */
  #since: number;
  #unsubscribe: readonly (() => void)[] = [];

  constructor(deps: HealthCheckDeps) {
    this.#deps = deps;
    this.#startedAt = deps.clock.mono();
    this.#since = this.#startedAt;
  }

  start(): void {
    const { board, feed } = this.#deps;
    this.#onState(board.current);
    this.#unsubscribe = [
      board.subscribe((state) => this.#onState(state)),
      feed.subscribe({ onReading: (reading) => this.#onReading(reading) }),
    ];
  }

  stop(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }

  check(): Health {
    const state = this.#deps.board.current;
    const isWaiting = this.#phase !== 'recovering';
    const unchangedMs = isWaiting ? Math.round(this.#deps.clock.mono() - this.#since) : 0;
    const fault = this.#fault(state, unchangedMs);
    const reasons = [...(fault ? [fault] : []), ...this.#slowLoad(unchangedMs), ...complaints(state)];
    return {
      status: fault ? 'failing' : reasons.length > 0 ? 'degraded' : 'ok',
      reasons,
      frames: { frame: this.#frame, unchangedMs },
    };
  }

  /** The health with figures of the daemon, for MQTT. */
  report(): Health & { readonly uptimeS: number; readonly memoryMb: number } {
    const uptimeS = (this.#deps.clock.mono() - this.#startedAt) / 1000;
    return {
      ...this.check(),
      uptimeS,
      // Read from the kernel only where it is sent: MQTT compares the status at each change of the board.
      get memoryMb() {
        return privateMemoryMb(process.pid) ?? 0;
      },
    };
  }

  #onReading({ frame }: Reading): void {
    this.#frame = frame;
    this.#since = this.#deps.clock.mono();
  }

  #onState(state: DeviceState): void {
    const phase = phaseOf(state);
    if (phase !== this.#phase) this.#since = this.#deps.clock.mono();
    this.#phase = phase;
  }

  #fault({ camera }: DeviceState, unchangedMs: number): string | undefined {
    const seconds = Math.round(unchangedMs / 1000);
    if (this.#phase === 'starting' && unchangedMs > startDeadlineMs) return `still starting after ${seconds} s`;
    // A source may be slow by design, down to one frame in ten seconds. Two missing frames in a row are a fault.
    const betweenFramesMs = camera.fps ? 2000 / camera.fps : 0;
    if (this.#phase === 'seeing' && unchangedMs > this.#deps.stallMs + graceMs + betweenFramesMs) {
      return `no new frame for ${seconds} s although the camera counts as online`;
    }
    return undefined;
  }

  /** A restart of the daemon would not help: it loads the same again. */
  #slowLoad(unchangedMs: number): readonly string[] {
    if (this.#phase !== 'loading' || unchangedMs <= startDeadlineMs) return [];
    const { reason = 'The vision process is loading' } = this.#deps.board.current.camera;
    return [`still loading after ${Math.round(unchangedMs / 1000)} s: ${reason}`];
  }
}

/**
 * `loading`: the supervisor watches the vision process; `recovering`: no frames are due, because the camera is paused,
 * ended or lost, or the vision process is restarting.
 */
type Phase = 'starting' | 'loading' | 'seeing' | 'recovering';

function phaseOf({ camera, vision }: DeviceState): Phase {
  if (['lost', 'ended', 'paused'].includes(camera.state) || vision.state === 'restarting') return 'recovering';
  if (camera.state === 'loading') return 'loading';
  return camera.state === 'starting' || vision.state === 'starting' ? 'starting' : 'seeing';
}

function complaints({ camera, vision, governor, store, mqtt }: DeviceState): string[] {
  return [
    ...(camera.state === 'lost' ? [`camera lost: ${camera.reason ?? 'no reason given'}`] : []),
    ...(vision.state === 'restarting' ? ['the vision process is restarting'] : []),
    ...(vision.warning ? [vision.warning] : []),
    ...(governor?.reason ? [`fewer frames a second: ${governor.reason}`] : []),
    ...(store.state === 'failing' ? [`log failing: ${store.reason ?? 'no reason given'}`] : []),
    ...(store.state !== 'failing' && store.reason ? [`log: ${store.reason}`] : []),
    ...(mqtt.state === 'offline' ? [`broker offline: ${mqtt.reason ?? 'no reason given'}`] : []),
  ];
}

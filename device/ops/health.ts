import type { Clock } from '../core/clock.ts';
import type { DeviceState } from '../core/state.ts';
import type { Reading } from '../core/types.ts';

/** What /healthz answers. `failing` means that a restart of the daemon is the sensible thing to do. */
export interface Health {
  readonly status: 'ok' | 'degraded' | 'failing';
  /** What is not as it should be, one line each. */
  readonly reasons: readonly string[];
  /** The newest frame, and for how long it has been the newest although frames are due. */
  readonly frames: { readonly frame?: number; readonly unchangedMs: number };
}

/** Longest start of the vision process (models, camera) that is still believed. */
const startDeadlineMs = 60_000;
/** Beyond the camera's own stall deadline, by when the supervisor must have said that the camera is lost. */
const graceMs = 3000;

/**
 * Judges whether the device does its work. Readings carry the vision process's clock, which cannot be compared with ours,
 * so this remembers when it first saw the newest reading: at each question, and at each change of the state.
 */
export class HealthCheck {
  readonly #clock: Clock;
  readonly #stallMs: number;
  #reading: Reading | undefined;
  #phase: Phase = 'starting';
  /** Monotonic time of the newest reading, or of the moment from which on frames are due. */
  #since: number;

  constructor(options: { clock: Clock; stallMs: number }) {
    this.#clock = options.clock;
    this.#stallMs = options.stallMs;
    this.#since = options.clock.mono();
  }

  /** To be called whenever the state changes, so that waiting is counted from the moment when frames became due. */
  observe(state: DeviceState, latest: Reading | undefined): void {
    const phase = phaseOf(state);
    if (latest !== this.#reading || phase !== this.#phase || phase === 'recovering') this.#since = this.#clock.mono();
    this.#reading = latest;
    this.#phase = phase;
  }

  check(state: DeviceState, latest: Reading | undefined): Health {
    this.observe(state, latest);
    const unchangedMs = Math.round(this.#clock.mono() - this.#since);
    const fault = this.#fault(state, unchangedMs);
    const reasons = [...(fault ? [fault] : []), ...complaints(state)];
    return {
      status: fault ? 'failing' : reasons.length > 0 ? 'degraded' : 'ok',
      reasons,
      frames: { frame: latest?.frame, unchangedMs },
    };
  }

  #fault({ camera }: DeviceState, unchangedMs: number): string | undefined {
    const seconds = Math.round(unchangedMs / 1000);
    if (this.#phase === 'starting' && unchangedMs > startDeadlineMs) return `still starting after ${seconds} s`;
    // A source may be slow by design, down to a frame in ten seconds; a third one that fails to come is a fault.
    const betweenFramesMs = camera.fps ? 2000 / camera.fps : 0;
    if (this.#phase === 'seeing' && unchangedMs > this.#stallMs + graceMs + betweenFramesMs) {
      return `no new frame for ${seconds} s although the camera counts as online`;
    }
    return undefined;
  }
}

/** `recovering`: a paused camera, or a lost camera or a restarting vision process is worked on; no frames, but no reason to restart either. */
type Phase = 'starting' | 'seeing' | 'recovering';

function phaseOf({ camera, vision }: DeviceState): Phase {
  if (['lost', 'ended', 'paused'].includes(camera.state) || vision.state === 'restarting') return 'recovering';
  return camera.state === 'starting' || vision.state === 'starting' ? 'starting' : 'seeing';
}

function complaints({ camera, vision, governor, store, mqtt }: DeviceState): string[] {
  return [
    ...(camera.state === 'lost' ? [`camera lost: ${camera.reason ?? 'no reason given'}`] : []),
    ...(vision.state === 'restarting' ? ['the vision process is restarting'] : []),
    ...(vision.warning ? [vision.warning] : []),
    ...(governor?.reason ? [`fewer frames a second: ${governor.reason}`] : []),
    ...(store.state === 'failing' ? [`log failing: ${store.reason ?? 'no reason given'}`] : []),
    ...(store.state === 'ok' && store.reason ? [`log: ${store.reason}`] : []),
    ...(mqtt.state === 'offline' ? [`broker offline: ${mqtt.reason ?? 'no reason given'}`] : []),
  ];
}

import type { Clock } from '../../core/clock.ts';
import type { DeviceState, StateBoard } from '../../core/state.ts';
import type { VisionRecord } from '../../vision/supervise/vision-record.ts';

/** What the watch reads of the supervisor of the vision process. */
interface WatchedVision {
  readonly record: Pick<VisionRecord, 'signsOfLife' | 'openings' | 'totals'>;
  readonly patienceMs: number | undefined;
}

export interface WorkWatchDeps {
  readonly board: Pick<StateBoard, 'current'>;
  readonly vision: WatchedVision;
  readonly clock: Pick<Clock, 'mono'>;
}

/** Longest wait of the supervisor and of the vision process between two tries, in ms. */
const maxRetryMs = 10_000;
/** Time after the end of the supervisor's patience within which it has mended the fault, in ms: kill, report, next start. */
const graceMs = 5000;

/**
 * Judges whether the daemon does something real. The supervisor mends a stuck vision process by itself, so what counts is
 * that either the work or its repair goes on. A bare timer would only prove that the event loop turns.
 */
export class WorkWatch {
  readonly #deps: WorkWatchDeps;
  #mark = '';
  /** Monotonic time of the last progress. */
  #since = 0;

  constructor(deps: WorkWatchDeps) {
    this.#deps = deps;
  }

  /** To be called at a regular interval. False when the work has stood still for longer than its repair may take. */
  isAtWork(): boolean {
    const now = this.#deps.clock.mono();
    const { current } = this.#deps.board;
    const kind = phaseOf(current);
    // Another run of the process is another phase.
    const mark = `${kind} ${current.vision.restarts} ${this.#progressIn(kind)}`;
    if (mark !== this.#mark) this.#since = now;
    this.#mark = mark;
    return now - this.#since <= this.#limitMs(kind);
  }

  /** A number that grows with the work of the phase. */
  #progressIn(phase: Phase): number {
    const { record } = this.#deps.vision;
    if (phase === 'seeing') return this.#frames;
    return phase === 'opening' ? record.openings : record.signsOfLife;
  }

  get #frames(): number {
    const { processed, dropped, skipped } = this.#deps.vision.record.totals;
    return processed + dropped + skipped;
  }

  #limitMs(phase: Phase): number {
    const { board, vision } = this.#deps;
    const repairMs = Math.max(vision.patienceMs ?? 0, maxRetryMs) + graceMs;
    if (phase !== 'seeing') return repairMs;
    // A source may be slow by design, down to one picture in ten seconds.
    const { fps } = board.current.camera;
    return repairMs + (fps ? 2000 / fps : 0);
  }
}

/** `loading`: the process starts, measures its networks, or waits for its restart. `waiting`: a pause, or the end of a recording. */
type Phase = 'loading' | 'opening' | 'seeing' | 'waiting';

function phaseOf({ camera, vision }: DeviceState): Phase {
  if (vision.state !== 'running' || camera.state === 'loading') return 'loading';
  if (camera.state === 'online') return 'seeing';
  return camera.state === 'paused' || camera.state === 'ended' ? 'waiting' : 'opening';
}

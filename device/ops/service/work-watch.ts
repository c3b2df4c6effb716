import type { Clock } from '../../core/clock.ts';
import type { DeviceState, StateBoard } from '../../core/state.ts';
import type { VisionRecord } from '../../vision/supervise/vision-record.ts';

/** What the watch reads of the supervisor of the vision process. */
interface WatchedVision {
  readonly record: Pick<VisionRecord, 'messages' | 'openings' | 'restarts' | 'totals'>;
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
 * Longest time from an opened camera to its first picture, in ms: the first picture measures runtimes and precisions, which
 * takes minutes on a slow board. A camera without pictures is lost long before.
 */
const firstPictureMs = 300_000;

/**
 * Judges whether the daemon does something real. The supervisor mends a stuck vision process by itself, so what counts is
 * that either the work or its repair goes on. A bare timer would only prove that the event loop turns.
 */
export class WorkWatch {
  readonly #deps: WorkWatchDeps;
  #mark = '';
  /** Monotonic time of the last progress. */
  #since = 0;
  #phase = '';
  #framesBefore = 0;
  #framesAtPhase = 0;

  constructor(deps: WorkWatchDeps) {
    this.#deps = deps;
  }

  /** To be called at a regular interval. False when the work has stood still for longer than its repair may take. */
  isAtWork(): boolean {
    const now = this.#deps.clock.mono();
    const kind = phaseOf(this.#deps.board.current);
    // Another run of the process is another phase.
    const phase = `${kind} ${this.#restarts}`;
    if (phase !== this.#phase) this.#framesAtPhase = this.#framesBefore;
    const mark = `${phase} ${this.#progressIn(kind)}`;
    if (mark !== this.#mark) this.#since = now;
    this.#phase = phase;
    this.#mark = mark;
    this.#framesBefore = this.#frames;
    return now - this.#since <= this.#limitMs(kind);
  }

  /** A number that grows with the work of the phase. */
  #progressIn(phase: Phase): number {
    const { record } = this.#deps.vision;
    if (phase === 'seeing') return this.#frames;
    return phase === 'opening' ? record.openings : record.messages;
  }

  get #frames(): number {
    const { processed, dropped, skipped } = this.#deps.vision.record.totals;
    return processed + dropped + skipped;
  }

  get #restarts(): number {
    return [...this.#deps.vision.record.restarts.values()].reduce((sum, count) => sum + count, 0);
  }

  #limitMs(phase: Phase): number {
    const { board, vision } = this.#deps;
    const repairMs = Math.max(vision.patienceMs ?? 0, maxRetryMs) + graceMs;
    if (phase !== 'seeing') return repairMs;
    if (this.#frames === this.#framesAtPhase) return Math.max(repairMs, firstPictureMs);
    // A source may be slow by design, down to one picture in ten seconds.
    const { fps } = board.current.camera;
    return repairMs + (fps ? 2000 / fps : 0);
  }
}

/** `loading`: the process starts, or waits for its restart. `waiting`: a pause, or the end of a recording. */
type Phase = 'loading' | 'opening' | 'seeing' | 'waiting';

function phaseOf({ camera, vision }: DeviceState): Phase {
  if (vision.state !== 'running') return 'loading';
  if (camera.state === 'online') return 'seeing';
  return camera.state === 'paused' || camera.state === 'ended' ? 'waiting' : 'opening';
}

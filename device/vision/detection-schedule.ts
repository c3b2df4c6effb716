import type { Mat } from '../core/opencv.ts';
import type { Box } from '../core/types.ts';
import type { Scene } from '../detect/scene.ts';

/**
 * While nobody is there and nothing moves: who comes so slowly that it goes unnoticed waits no longer than this, in ms, and a
 * tenth of a frame.
 */
const maxIdleIntervalMs = 700;
/**
 * While all faces are where they are expected, they are carried on for no longer than this, in ms; while nobody is there and
 * nothing moves, no frame is even compared for as long. Every third frame at 30 frames a second, every other one at 10 to 15,
 * each at 9 and less: who comes waits for so long, or for two frames.
 */
const maxPredictedIntervalMs = 110;
/** Where something has just moved, more is to be expected. */
const afterChangeMs = 500;

/**
 * Decides which frames the detector must look at. Where something moves, all; where nothing has changed since it looked, what
 * it saw is still so, and looking again now and then is a matter of caution.
 */
export class DetectionSchedule {
  readonly #scene: Scene;
  #detectedAt = Number.NEGATIVE_INFINITY;
  #changedAt = Number.NEGATIVE_INFINITY;
  #mono = Number.NEGATIVE_INFINITY;
  #comparedAt = Number.NEGATIVE_INFINITY;
  #isIdle = false;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  /** Whether nobody was there and nothing moved in the last frame: of the next one, what shows a change is enough. */
  get isIdle(): boolean {
    return this.#isIdle;
  }

  /** Whether this frame may go by without `needsLook`: in the one before nobody was expected and nothing moved. */
  skipsFrame(mono: number): boolean {
    const sinceFrame = mono - this.#mono;
    if (
      !this.#isIdle ||
      isIdleDetectionDue(mono - this.#detectedAt, sinceFrame) ||
      isDue(mono - this.#comparedAt, sinceFrame)
    )
      return false;
    this.#mono = mono;
    return true;
  }

  /**
   * Whether the detector must look at this frame; the answer counts as done.
   *
   * @param expected the faces as they should be by now; undefined where nobody can say
   * @param mono monotonic ms of the frame
   */
  needsDetection(frame: Mat, expected: readonly Box[] | undefined, mono: number): boolean {
    const sinceFrame = mono - this.#mono;
    this.#mono = mono;
    this.#comparedAt = mono;
    const canCompare = this.#scene.canCompare(frame);
    if (expected && canCompare && this.#scene.hasChanged(frame, expected.map(bodyRegionOf))) this.#changedAt = mono;
    const isCalm = expected !== undefined && mono - this.#changedAt >= afterChangeMs;
    this.#isIdle = isCalm && expected.length === 0;
    const sinceDetection = mono - this.#detectedAt;
    const isDetectionDue =
      expected?.length === 0 ? isIdleDetectionDue(sinceDetection, sinceFrame) : isDue(sinceDetection, sinceFrame);
    if (isCalm && canCompare && !isDetectionDue) return false;
    this.#detectedAt = mono;
    this.#scene.remember(frame);
    return true;
  }
}

/** Whether the frame after this one would come when `idleMs` are over. One that came a little late must not make it so. */
function isIdleDetectionDue(sinceDetection: number, sinceFrame: number): boolean {
  return sinceDetection + 0.9 * sinceFrame > maxIdleIntervalMs;
}

/**
 * Whether `steadyMs` are over, or will be when the next frame comes; one frame may go by even so.
 *
 * @param since ms since what is due again
 * @param sinceFrame ms since the frame before
 */
function isDue(since: number, sinceFrame: number): boolean {
  const isFirst = since === sinceFrame;
  return since > maxPredictedIntervalMs || (!isFirst && since + sinceFrame > maxPredictedIntervalMs);
}

/** Where somebody with this face may sway and gesture without anything having happened: from above the head down to the hips. */
function bodyRegionOf({ x, y, width, height }: Box): Box {
  const centre = x + width / 2;
  return { x: centre - 1.5 * height, y: y - 0.75 * height, width: 3 * height, height: 5 * height };
}

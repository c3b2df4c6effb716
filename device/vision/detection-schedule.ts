import type { Mat } from '../core/opencv.ts';
import type { Box } from '../core/types.ts';
import type { Scene } from '../detect/scene.ts';

/**
 * Longest interval between detections on an idle scene, in ms. Bounds how long motion below the change threshold stays
 * undetected. The actual interval may be longer by a tenth of a frame.
 */
const maxIdleIntervalMs = 700;
/**
 * Longest interval between detections while all faces are where they are predicted, in ms, and between comparisons of
 * an idle scene. This is every third frame at 30 frames a second, every other one at 10 to 15, and each at 9 and less.
 * A new face waits at most for this time, or for two frames.
 */
const maxPredictedIntervalMs = 110;
/** Time after a change in which every frame is searched, in ms: more changes are likely. */
const afterChangeMs = 500;

/**
 * Decides which frames are searched for faces. After a change it is every frame. While the scene equals that of the
 * last detection, the last result still holds, and detection repeats at a low rate as a precaution.
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

  /**
   * Whether the last frame was idle: no face expected and no change. Then a thumbnail of the next frame suffices to
   * detect a change.
   */
  get isIdle(): boolean {
    return this.#isIdle;
  }

  /**
   * Whether this frame may be skipped without `needsDetection`: the scene is idle and neither detection nor comparison
   * is due.
   */
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
   * Whether this frame must be searched; the answer is recorded as done.
   *
   * @param expected the predicted faces; undefined where there is no prediction
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

/** Whether the next frame would come after `maxIdleIntervalMs`. A slightly late frame must not trigger a detection. */
function isIdleDetectionDue(sinceDetection: number, sinceFrame: number): boolean {
  return sinceDetection + 0.9 * sinceFrame > maxIdleIntervalMs;
}

/**
 * Whether `maxPredictedIntervalMs` have passed, or will have at the next frame. One frame may always be skipped.
 *
 * @param since ms since the last time
 * @param sinceFrame ms since the previous frame
 */
function isDue(since: number, sinceFrame: number): boolean {
  const isFirst = since === sinceFrame;
  return since > maxPredictedIntervalMs || (!isFirst && since + sinceFrame > maxPredictedIntervalMs);
}

/**
 * Region in which the person with this face may move without it counting as a change: from above the head to the hips.
 */
function bodyRegionOf({ x, y, width, height }: Box): Box {
  const centre = x + width / 2;
  return { x: centre - 1.5 * height, y: y - 0.75 * height, width: 3 * height, height: 5 * height };
}

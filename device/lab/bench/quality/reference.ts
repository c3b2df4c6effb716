import { iou } from '../../../core/boxes.ts';
import { cv, type Mat } from '../../../core/opencv.ts';
import type { Box, Detection } from '../../../core/types.ts';
import { chooseDetector } from '../../../detect/choose.ts';
import type { Detector } from '../../../detect/detector.ts';
import { isPlausible } from '../../../track/plausible.ts';
import type { ReferenceFace } from './matching.ts';

/** Scale factors of the reference, relative to the detection width of the live pipeline. */
const factors = [2, 4] as const;
/** Minimum score of a certain face at one of the widths... */
const certainScore = 0.85;
/** ... and at the other width. */
const seenScore = 0.3;
/** Minimum score of a possible face. */
const doubtfulScore = 0.5;
const sameFace = 0.4;

/**
 * The high-resolution reference: a detector that may take 50 times as long as the live one.
 *
 * Why it is fair: these recordings have no annotated boxes, so a better detector must serve as ground truth. The live pipeline
 * detects in a 480 px wide frame at a width of 320: a face of 24 px has 16 px there, the smallest size of the training data.
 * The reference sees the same face at 32 and at 64 px, where YuNet works best (WIDER FACE "easy"). Both use the same network
 * and may share false positives. Therefore a face is certain only if one width has a score of 0.85, the other width detects it
 * too, and eyes, nose and mouth are placed as in a face.
 * In the nine recordings that this was made with (619 frames), the faces of people score at least 0.85 at one width in every frame,
 * while the skull on the shirt (0.73), hands (0.81, at one width) and the backs of heads (0.71) stay below.
 * Faces between these limits are ignored: see `matchFrame`.
 */
export class Reference {
  readonly #modelsDir: string;
  readonly #live: Detector;
  readonly #detectors = new Map<number, Detector>();

  constructor(modelsDir: string) {
    this.#modelsDir = modelsDir;
    this.#live = this.#create(0);
  }

  async facesIn(frame: Mat): Promise<ReferenceFace[]> {
    const sights: Detection[][] = [];
    for (const factor of factors) {
      const width = factor * this.#live.detectionWidth(frame.cols);
      const detector = this.#detectors.get(width) ?? this.#create(width);
      this.#detectors.set(width, detector);
      sights.push(await lookAt(frame, width, detector));
    }
    return judge(sights);
  }

  #create(inputWidth: number): Detector {
    const { detector } = chooseDetector({
      detector: 'yunet',
      modelsDir: this.#modelsDir,
      minScore: seenScore,
      minFace: 1,
      inputWidth,
    });
    return detector;
  }
}

/** Boxes and landmarks in pixels of the frame. */
async function lookAt(frame: Mat, width: number, detector: Detector): Promise<Detection[]> {
  const scale = width / frame.cols;
  const interpolation = scale > 1 ? cv.INTER_CUBIC : cv.INTER_AREA;
  const scaled = frame.resize(Math.round(frame.rows * scale), width, 0, 0, interpolation);
  const found = await detector.detect(scaled);
  scaled.release();
  return found.map(({ box, score, landmarks }) => ({
    // Plausibility depends on the shape only, so any scale will do. Check it before the landmarks are dropped.
    score: isPlausible({ box, score, landmarks }) ? score : 0,
    box: scaledBox(box, 1 / scale),
  }));
}

function scaledBox({ x, y, width, height }: Box, factor: number): Box {
  return { x: x * factor, y: y * factor, width: width * factor, height: height * factor };
}

/** @param sights detections per width; implausible ones have a score of 0 */
export function judge(sights: readonly (readonly Detection[])[]): ReferenceFace[] {
  const faces: ReferenceFace[] = [];
  const all = sights.flatMap((found, look) => found.map((detection) => ({ ...detection, look })));
  for (const best of all.sort((a, b) => b.score - a.score)) {
    if (best.score < doubtfulScore) break;
    if (faces.some(({ box }) => iou(box, best.box) >= sameFace)) continue;
    const isSeenAtAll = sights.every(
      (found, look) => look === best.look || found.some(({ box }) => iou(box, best.box) >= sameFace),
    );
    faces.push({ box: best.box, isCertain: best.score >= certainScore && isSeenAtAll });
  }
  return faces;
}

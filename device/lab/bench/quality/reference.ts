import { iou } from '../../../core/boxes.ts';
import { cv, type Mat } from '../../../core/opencv.ts';
import type { Box, Detection } from '../../../core/types.ts';
import { chooseDetector } from '../../../detect/choose.ts';
import type { Detector } from '../../../detect/detector.ts';
import { isPlausible } from '../../../track/plausible.ts';
import type { ReferenceFace } from './matching.ts';

/** To how many times the width of the live look a frame is scaled before the reference looks at it. */
const factors = [2, 4] as const;
/** What the detector must find to be taken for a face for certain, at one of the widths... */
const certainScore = 0.85;
/** ... and at the other, to be seen there too. */
const seenScore = 0.3;
/** From here on something may be a face. */
const doubtfulScore = 0.5;
const sameFace = 0.4;

/**
 * The high-resolution reference: what a detector finds that may take fifty times as long as the live one.
 *
 * Why it is fair. Nobody has drawn boxes into these recordings, so another detector has to stand for the truth, and for that
 * it must see much more than what it judges. The live pipeline looks at a frame 480 wide at a width of 320: a face of 24 px is
 * 16 px there, the smallest that the network was trained on. The reference sees the same face at 32 and at 64 px, where YuNet is
 * at its best (WIDER FACE "easy"). It is the same network, so what is no face may look like one to both; therefore a face is
 * certain only where one width is sure of it (0.85), the other sees it too, and eyes, nose and mouth lie as in a face.
 * In the nine recordings that this was made with (619 frames), the faces of people score at least 0.85 at one width in every frame,
 * while the skull on the shirt (0.73), hands (0.81, at one width) and the backs of heads (0.71) stay below.
 * What remains between is of no account: see `matchFrame`.
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
    // Plausibility is a matter of shape: it may be told at any scale, and is told before the landmarks are dropped.
    score: isPlausible({ box, score, landmarks }) ? score : 0,
    box: scaledBox(box, 1 / scale),
  }));
}

function scaledBox({ x, y, width, height }: Box, factor: number): Box {
  return { x: x * factor, y: y * factor, width: width * factor, height: height * factor };
}

/** @param sights per width, what was found; implausible ones with a score of 0 */
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

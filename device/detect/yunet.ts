import { scaleDetection, suppressOverlaps } from '../core/boxes.ts';
import { cv, type Mat } from '../core/opencv.ts';
import type { Detection } from '../core/types.ts';
import type { DetectLimits, Detector } from './detector.ts';
import { decodeYunet } from './yunet-decode.ts';
import { type InputSize, type YunetRuntime, yunetOnOnnxRuntime, yunetOnOpenCv } from './yunet-runtimes.ts';

export interface YunetOptions extends DetectLimits {
  readonly file: string;
  /** `fastest` measures both on the first frame. */
  readonly runtime?: 'fastest' | 'onnxruntime' | 'opencv';
}

const black = new cv.Vec3(0, 0, 0);

/** Least side of the network's input, in pixels: four cells of its coarsest stride. */
const least = 128;

/** OpenCV Zoo's own threshold for overlapping faces. */
const maxIou = 0.3;

/** OpenCV Zoo's YuNet (Wu et al. 2023, "YuNet: a tiny millisecond-level face detector"), 2023mar. */
export function createYunetDetector(options: YunetOptions): Detector {
  return new YunetDetector(options);
}

interface Prepared {
  readonly input: InputSize;
  readonly runtime: YunetRuntime;
}

class YunetDetector implements Detector {
  readonly boxKind = 'yunet';
  #options: YunetOptions;
  #prepared: Prepared | undefined;
  #fastest: 'onnxruntime' | 'opencv' | undefined;

  constructor(options: YunetOptions) {
    this.#options = options;
  }

  get description(): string {
    const prepared = this.#prepared;
    return prepared ? `YuNet (${prepared.runtime.name}, ${prepared.input.width}x${prepared.input.height})` : 'YuNet';
  }

  async detect(frame: Mat, reducedBy = 1): Promise<readonly Detection[]> {
    const { runtime, input } = await this.#prepare(frame);
    const { image, scale } = fitInto(frame, input);
    const outputs = await runtime.run(image);
    image.release();
    return suppressOverlaps(decodeYunet(outputs, input.width, this.#options.minScore), maxIou)
      .map((detection) => scaleDetection(detection, reducedBy / scale))
      .filter((detection) => detection.box.height >= this.#options.minFace);
  }

  adjust(limits: DetectLimits): void {
    this.#options = { ...this.#options, ...limits };
  }

  /** The size of the input depends on the frame's shape; sources may change it when they are reopened. */
  async #prepare(frame: Mat): Promise<Prepared> {
    const input = inputSize(frame, this.#options.inputWidth);
    const known = this.#prepared;
    if (known && known.input.width === input.width && known.input.height === input.height) return known;
    await known?.runtime.close();
    this.#prepared = { input, runtime: await this.#chooseRuntime(input, frame) };
    return this.#prepared;
  }

  async #chooseRuntime(input: InputSize, frame: Mat): Promise<YunetRuntime> {
    const { file, runtime = 'fastest' } = this.#options;
    // Measured once: pictures of a folder may change their size each time.
    const wanted = runtime === 'fastest' ? this.#fastest : runtime;
    if (wanted === 'onnxruntime') return yunetOnOnnxRuntime(file, input);
    if (wanted === 'opencv') return yunetOnOpenCv(file);
    const { image } = fitInto(frame, input);
    const onOnnxRuntime = await yunetOnOnnxRuntime(file, input);
    const own = await shortestOf(3, () => onOnnxRuntime.run(image));
    const onOpenCv = await fasterOnOpenCv(file, image, own);
    image.release();
    this.#fastest = onOpenCv ? 'opencv' : 'onnxruntime';
    if (onOpenCv) await onOnnxRuntime.close();
    return onOpenCv ?? onOnnxRuntime;
  }
}

/**
 * The network's input for a frame: `most` wide or less, of the frame's shape, in steps of the coarsest stride. Strips of
 * more than four times that height are scaled down further instead: their input would take gigabytes.
 */
export function inputSize(frame: { cols: number; rows: number }, most: number): InputSize {
  const width = Math.max(least, Math.min(most, roundUp32(frame.cols)));
  const height = roundUp32((width * frame.rows) / frame.cols);
  return { width, height: Math.max(least, Math.min(4 * most, height)) };
}

/**
 * OpenCV's runtime where it takes less than `limitMs`. Older OpenCVs (4.5 of Ubuntu 22.04, so of a Jetson) can read or run
 * this network not at all, which is no fault: ONNX Runtime always can.
 */
async function fasterOnOpenCv(file: string, image: Mat, limitMs: number): Promise<YunetRuntime | undefined> {
  try {
    const runtime = yunetOnOpenCv(file);
    return (await shortestOf(3, () => runtime.run(image))) < limitMs ? runtime : undefined;
  } catch {
    return undefined;
  }
}

/** Shortest of `n` runs in ms, after one that warms up. */
async function shortestOf(n: number, work: () => Promise<unknown>): Promise<number> {
  await work();
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < n; i++) {
    const start = performance.now();
    await work();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

/** The frame scaled into the input, its shape kept; what is left at the right or at the bottom is black. */
function fitInto(frame: Mat, input: InputSize): { image: Mat; scale: number } {
  const scale = Math.min(input.width / frame.cols, input.height / frame.rows);
  const width = Math.max(1, Math.round(frame.cols * scale));
  const height = Math.max(1, Math.round(frame.rows * scale));
  // At exactly a half both take the mean of the same four pixels; averaging has the faster code for it.
  const isHalf = 2 * width === frame.cols && 2 * height === frame.rows;
  const scaled = frame.resize(height, width, 0, 0, isHalf ? cv.INTER_AREA : cv.INTER_LINEAR);
  if (width === input.width && height === input.height) return { image: scaled, scale };
  const image = scaled.copyMakeBorder(0, input.height - height, 0, input.width - width, cv.BORDER_CONSTANT, black);
  scaled.release();
  return { image, scale };
}

function roundUp32(value: number): number {
  return Math.ceil(value / 32) * 32;
}

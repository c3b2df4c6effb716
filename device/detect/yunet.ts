import { scaleDetection, suppressOverlaps } from '../core/boxes.ts';
import { cv, type Mat } from '../core/opencv.ts';
import { oneThreadOrTwo } from '../core/threads.ts';
import type { Detection } from '../core/types.ts';
import type { DetectLimits, Detector } from './detector.ts';
import { decodeYunet } from './yunet-decode.ts';
import { type InputSize, type YunetRuntime, yunetOnOnnxRuntime, yunetOnOpenCv } from './yunet-runtimes.ts';

export interface YunetOptions extends DetectLimits {
  readonly file: string;
  /** `fastest` measures both on the first frame. */
  readonly runtime?: 'fastest' | 'onnxruntime' | 'opencv';
  /** Of ONNX Runtime; 0: one or two, see `oneThreadOrTwo`. */
  readonly threads?: number;
}

const black = new cv.Vec3(0, 0, 0);

/** Least side of the network's input, in pixels: four cells of its coarsest stride. */
const least = 128;

/** Longest side of an input that nobody asked for: the width of that of a picture of 1920. */
const mostSide = 1152;

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
  /** What was found to be so; measured once, for pictures of a folder may change their size each time. */
  #fastest: { readonly runtime: 'onnxruntime' | 'opencv'; readonly threads: number } | undefined;

  constructor(options: YunetOptions) {
    this.#options = options;
  }

  get description(): string {
    const prepared = this.#prepared;
    if (!prepared) return 'YuNet';
    const { input, runtime } = prepared;
    const threads = runtime.threads > 1 ? `, ${runtime.threads} threads` : '';
    return `YuNet (${runtime.name}, ${input.width}x${input.height}${threads})`;
  }

  async detect(frame: Mat, reducedBy = 1): Promise<readonly Detection[]> {
    const most = this.lookWidth(frame.cols * reducedBy);
    const mostHeight = this.#options.inputWidth > 0 ? 4 * most : Math.max(most, mostSide);
    const { runtime, input } = await this.#prepare(frame, inputSize(frame, most, mostHeight));
    const { image, scale } = fitInto(frame, input);
    const outputs = await runtime.run(image);
    image.release();
    return suppressOverlaps(decodeYunet(outputs, input.width, this.#options.minScore), maxIou)
      .map((detection) => scaleDetection(detection, reducedBy / scale))
      .filter((detection) => detection.box.height >= this.#options.minFace);
  }

  lookWidth(width: number): number {
    return widthFor(width, this.#options);
  }

  adjust(limits: DetectLimits): void {
    this.#options = { ...this.#options, ...limits };
  }

  /** The size of the input depends on the frame's shape; sources may change it when they are reopened. */
  async #prepare(frame: Mat, input: InputSize): Promise<Prepared> {
    const known = this.#prepared;
    if (known && known.input.width === input.width && known.input.height === input.height) return known;
    await known?.runtime.close();
    this.#prepared = { input, runtime: await this.#chooseRuntime(input, frame) };
    return this.#prepared;
  }

  async #chooseRuntime(input: InputSize, frame: Mat): Promise<YunetRuntime> {
    const { file, runtime = 'fastest', threads = 1 } = this.#options;
    const wanted = runtime === 'fastest' ? this.#fastest : { runtime, threads: threads || 1 };
    if (wanted?.runtime === 'onnxruntime') return yunetOnOnnxRuntime(file, input, wanted.threads);
    if (wanted?.runtime === 'opencv') return yunetOnOpenCv(file);
    const { image } = fitInto(frame, input);
    const onOnnxRuntime = await chooseThreads(file, input, image, threads);
    const [own] = await shortestOf(3, [onOnnxRuntime], image);
    const onOpenCv = await fasterOnOpenCv(file, image, own!);
    image.release();
    this.#fastest = { runtime: onOpenCv ? 'opencv' : 'onnxruntime', threads: onOnnxRuntime.threads };
    if (onOpenCv) await onOnnxRuntime.close();
    return onOpenCv ?? onOnnxRuntime;
  }
}

async function chooseThreads(file: string, input: InputSize, image: Mat, threads: number): Promise<YunetRuntime> {
  const first = await yunetOnOnnxRuntime(file, input, threads || 1);
  if (threads > 0) return first;
  const onTwo = () => yunetOnOnnxRuntime(file, input, 2);
  return oneThreadOrTwo(first, onTwo, (all) => shortestOf(3, all, image));
}

/**
 * The width at which the network looks at a picture of that width. Unless one is set: 320 up to 640, where half costs little
 * and people who stand in front of a kiosk are large; six tenths above, where faces of 24 px are 14 px, the least at which nine
 * of ten are found in every recording (12 px: seven of ten; `npm run bench -- quality --set detect.inputWidth=256`).
 */
function widthFor(
  width: number,
  { inputWidth, leastWidth = 320 }: Pick<DetectLimits, 'inputWidth' | 'leastWidth'>,
): number {
  if (inputWidth > 0) return Math.max(least, inputWidth);
  const share = width > 640 ? roundUp32(0.6 * width) : 320;
  return Math.max(leastWidth, Math.min(mostSide, share));
}

/**
 * The network's input for a frame: `most` wide or less, of the frame's shape, in steps of the coarsest stride. What would be
 * higher than `mostHeight` is scaled down further instead: the input of a strip would take gigabytes.
 */
export function inputSize(frame: { cols: number; rows: number }, most: number, mostHeight = 4 * most): InputSize {
  const width = Math.max(least, Math.min(most, roundUp32(frame.cols)));
  const height = Math.max(least, roundUp32((width * frame.rows) / frame.cols));
  if (height <= mostHeight) return { width, height };
  return { width: Math.max(least, roundUp32((mostHeight * frame.cols) / frame.rows)), height: mostHeight };
}

/**
 * OpenCV's runtime where it takes less than `limitMs`. Older OpenCVs (4.5 of Ubuntu 22.04, so of a Jetson) can read or run
 * this network not at all, which is no fault: ONNX Runtime always can.
 */
async function fasterOnOpenCv(file: string, image: Mat, limitMs: number): Promise<YunetRuntime | undefined> {
  try {
    const runtime = yunetOnOpenCv(file);
    const [ms] = await shortestOf(3, [runtime], image);
    return ms! < limitMs ? runtime : undefined;
  } catch {
    return undefined;
  }
}

/** Shortest of `n` runs of each, in ms, in turns and after one that warms up. */
async function shortestOf(n: number, runtimes: readonly YunetRuntime[], image: Mat): Promise<number[]> {
  for (const runtime of runtimes) await runtime.run(image);
  const best = runtimes.map(() => Number.POSITIVE_INFINITY);
  for (let i = 0; i < n; i++) {
    for (const [index, runtime] of runtimes.entries()) {
      const start = performance.now();
      await runtime.run(image);
      best[index] = Math.min(best[index]!, performance.now() - start);
    }
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

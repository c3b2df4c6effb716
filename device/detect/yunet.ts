import { scaleDetection, suppressOverlaps } from '../core/boxes.ts';
import type { Mat } from '../core/opencv.ts';
import type { Detection } from '../core/types.ts';
import type { DetectLimits, Detector } from './detector.ts';
import { detectionWidth, fitInto, type InputSize, inputSize, maxSide } from './input.ts';
import { chooseThreads, shortestOf } from './runtime.ts';
import { decodeYunet } from './yunet-decode.ts';
import { type YunetRuntime, yunetOnOnnxRuntime, yunetOnOpenCv } from './yunet-runtimes.ts';

export interface YunetOptions extends DetectLimits {
  readonly file: string;
  /** `fastest` measures both on the first frame. */
  readonly runtime?: 'fastest' | 'onnxruntime' | 'opencv';
  /** Threads of ONNX Runtime; 0: one or two, see `oneThreadOrTwo`. */
  readonly threads?: number;
}

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
  /** Result of the measurement, made once because pictures of a folder may all differ in size. */
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
    const maxWidth = this.detectionWidth(frame.cols * reducedBy);
    const maxHeight = this.#options.inputWidth > 0 ? 4 * maxWidth : Math.max(maxWidth, maxSide);
    const { runtime, input } = await this.#prepare(frame, inputSize(frame, maxWidth, maxHeight));
    const { image, scale } = fitInto(frame, input);
    const outputs = await runtime.run(image);
    image.release();
    return suppressOverlaps(decodeYunet(outputs, input.width, this.#options.minScore), maxIou)
      .map((detection) => scaleDetection(detection, reducedBy / scale))
      .filter((detection) => detection.box.height >= this.#options.minFace);
  }

  detectionWidth(width: number): number {
    return detectionWidth(width, this.#options);
  }

  adjust(limits: DetectLimits): void {
    this.#options = { ...this.#options, ...limits };
  }

  /** The input's size depends on the frame's aspect ratio, which may change when a source is reopened. */
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
    const onOnnxRuntime = await chooseThreads((count) => yunetOnOnnxRuntime(file, input, count), threads, image);
    const [own] = await shortestOf(3, [onOnnxRuntime], image);
    const onOpenCv = await fasterOnOpenCv(file, image, own!);
    image.release();
    this.#fastest = { runtime: onOpenCv ? 'opencv' : 'onnxruntime', threads: onOnnxRuntime.threads };
    if (onOpenCv) await onOnnxRuntime.close();
    return onOpenCv ?? onOnnxRuntime;
  }
}

/**
 * OpenCV's runtime where it takes less than `limitMs`. Older OpenCV versions (4.5 of Ubuntu 22.04 and so of a Jetson)
 * cannot read or run this network. That is not a fault, because ONNX Runtime always can.
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

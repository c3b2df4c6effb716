import { scaleDetection, suppressOverlaps } from '../core/boxes.ts';
import type { Mat } from '../core/opencv.ts';
import type { Detection } from '../core/types.ts';
import { type BlazefaceOutputs, decodeBlazeface } from './blazeface-decode.ts';
import { maxBlazefaceSide } from './blazeface-file.ts';
import { blazefaceOnOnnxRuntime } from './blazeface-runtime.ts';
import type { DetectLimits, Detector } from './detector.ts';
import { detectionWidth, fitInto, type InputSize, inputSize, minSide, roundUp32 } from './input.ts';
import { chooseThreads, type Runtime } from './runtime.ts';

export interface BlazefaceOptions extends DetectLimits {
  readonly file: string;
  /** 0: one or two, see `oneThreadOrTwo`. */
  readonly threads?: number;
}

/**
 * BlazeFace finds faces of 12 px as often as YuNet those of 15 px (19 of 20): it needs four fifths of YuNet's width.
 */
const yunetWidthShare = 0.8;

/** Side of the published input, in pixels. */
const publishedSide = 256;

/**
 * Longest side of an input for which one pass is enough. The network was trained on inputs of 256 px and misses much
 * larger faces: at 384 px it finds all up to 190 px and nine of ten of 200 px, at 640 px half of those of 270 px. For
 * larger inputs a second pass at 256 px finds the large faces.
 */
const maxSinglePassSide = 384;

/**
 * The same as for YuNet. Weighted averages of overlapping boxes, as in MediaPipe, made neither boxes nor landmarks more
 * stable (measured).
 */
const maxIou = 0.3;

/**
 * MediaPipe's BlazeFace (Bazarevsky et al. 2019, "BlazeFace: sub-millisecond neural face detection on mobile GPUs"),
 * the 256x256 network for the back cameras of phones: far and near faces.
 */
export function createBlazefaceDetector(options: BlazefaceOptions): Detector {
  return new BlazefaceDetector(options);
}

interface Pass {
  readonly input: InputSize;
  readonly runtime: Runtime<BlazefaceOutputs>;
}

class BlazefaceDetector implements Detector {
  readonly boxKind = 'blazeface';
  #options: BlazefaceOptions;
  #passes: readonly Pass[] = [];
  /** Measured once, because pictures of a folder may all differ in size. */
  #threads: number | undefined;

  constructor(options: BlazefaceOptions) {
    this.#options = options;
  }

  get description(): string {
    const [first] = this.#passes;
    if (!first) return 'BlazeFace';
    const sizes = this.#passes.map(({ input: { width, height } }) => `${width}x${height}`).join(' and ');
    const threads = first.runtime.threads > 1 ? `, ${first.runtime.threads} threads` : '';
    return `BlazeFace (${first.runtime.name}, ${sizes}${threads})`;
  }

  async detect(frame: Mat, reducedBy = 1): Promise<readonly Detection[]> {
    const inputs = inputsFor(frame, this.detectionWidth(frame.cols * reducedBy));
    const found: Detection[] = [];
    for (const pass of await this.#prepare(frame, inputs)) {
      found.push(...(await this.#runPass(frame, pass)));
    }
    return suppressOverlaps(found, maxIou)
      .map((detection) => scaleDetection(detection, reducedBy))
      .filter((detection) => detection.box.height >= this.#options.minFace);
  }

  detectionWidth(width: number): number {
    const share = roundUp32(yunetWidthShare * detectionWidth(width, this.#options));
    return Math.max(minSide, Math.min(maxBlazefaceSide, share));
  }

  adjust(limits: DetectLimits): void {
    this.#options = { ...this.#options, ...limits };
  }

  /** Faces in pixels of the frame. */
  async #runPass(frame: Mat, { input, runtime }: Pass): Promise<Detection[]> {
    const { image, scale } = fitInto(frame, input);
    const outputs = await runtime.run(image);
    image.release();
    return decodeBlazeface(outputs, input, this.#options.minScore).map((detection) =>
      scaleDetection(detection, 1 / scale),
    );
  }

  async #prepare(frame: Mat, inputs: readonly InputSize[]): Promise<readonly Pass[]> {
    const isReady =
      inputs.length === this.#passes.length && inputs.every((input, index) => this.#hasInput(input, index));
    if (isReady) return this.#passes;
    for (const { runtime } of this.#passes) await runtime.close();
    this.#passes = [];
    const passes: Pass[] = [];
    for (const input of inputs) passes.push({ input, runtime: await this.#createRuntime(frame, input) });
    this.#passes = passes;
    return passes;
  }

  #hasInput(input: InputSize, index: number): boolean {
    const known = this.#passes[index]?.input;
    return known?.width === input.width && known.height === input.height;
  }

  async #createRuntime(frame: Mat, input: InputSize): Promise<Runtime<BlazefaceOutputs>> {
    const { file, threads = 1 } = this.#options;
    const create = (count: number) => blazefaceOnOnnxRuntime(file, input, count);
    if (this.#threads !== undefined) return create(this.#threads);
    const { image } = fitInto(frame, input);
    const runtime = await chooseThreads(create, threads, image);
    image.release();
    this.#threads = runtime.threads;
    return runtime;
  }
}

/**
 * One input, or two where it is large: the large one for small faces, and one of the published size for large faces.
 */
function inputsFor(frame: Mat, maxWidth: number): InputSize[] {
  const input = inputSize(frame, maxWidth, Math.min(4 * maxWidth, maxBlazefaceSide));
  if (Math.max(input.width, input.height) <= maxSinglePassSide) return [input];
  const overviewWidth = Math.max(minSide, roundUp32((publishedSide * frame.cols) / Math.max(frame.cols, frame.rows)));
  return [inputSize(frame, overviewWidth, publishedSide), input];
}

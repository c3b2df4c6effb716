import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as ort from '../../../core/onnxruntime.ts';
import { cv, type Mat } from '../../../core/opencv.ts';
import { yunetFile } from '../../../detect/choose.ts';
import { type InputSize, inputSize } from '../../../detect/input.ts';
import { yunetOutputNames } from '../../../detect/yunet-decode.ts';
import { withInputSize } from '../../../detect/yunet-runtimes.ts';
import type { Pipeline } from '../../../vision/pipeline.ts';
import type { SceneClip } from '../scene.ts';
import { cpuMsOf } from './cpu.ts';
import { Stopwatch } from './stopwatch.ts';

/** CPU ms a frame of the calls that no pipeline of this kind can do without, and nothing else. */
export interface KernelCost {
  readonly decode: number;
  readonly resize: number;
  readonly detect: number;
  readonly crop: number;
  readonly classify: number;
  readonly sum: number;
}

/** Runs the kernels of the pipeline on the frames of a clip: on all, or on so many of its first ones. */
export type Kernels = (clip: SceneClip, most?: number) => Promise<KernelCost>;

interface KernelOptions {
  readonly modelsDir: string;
  /** Whose runtime, model and precision are taken. */
  readonly pipeline: Pipeline;
}

/**
 * The bare kernels: decoding, scaling to the detector's input, the detector's network, one warp to the classifier's input per
 * face, the classifier's network over all faces. Inputs of the networks are filled once and nothing is read from their outputs.
 *
 * All kernels on one frame, then the next: as in any pipeline, each finds the caches as the others leave them, and each frame
 * the memory that the last one gave back. One kernel over many frames at a time flatters (decoding then pays for fresh pages) or
 * wrongs the product (a network then has the caches for itself): of the same code that made 0.97 times the kernels, or 1.37.
 */
export async function prepareKernels({ modelsDir, pipeline }: KernelOptions): Promise<Kernels> {
  const classify = await classifierKernel(modelsDir, pipeline);
  const { width, height } = pipeline.classifier.card.input;
  const detectors = new Map<string, () => unknown>();
  return async (clip, most = Number.POSITIVE_INFINITY) => {
    const size = inputSize({ cols: clip.width, rows: clip.height }, pipeline.detector.detectionWidth(clip.width));
    const form = `${size.width}x${size.height}`;
    const detect = detectors.get(form) ?? (await detectorKernel(modelsDir, pipeline, size));
    detectors.set(form, detect);
    const capture = new cv.VideoCapture(clip.file, cv.CAP_FFMPEG);
    const watch = new Stopwatch();
    let frames = 0;
    const cpuMs = await cpuMsOf(async () => {
      for (; frames < most; frames++) {
        const frame = await watch.time('decode', () => capture.read());
        if (frame.empty) {
          frame.release();
          break;
        }
        const to = interpolation(frame, size);
        await watch.time('resize', () => frame.resize(size.height, size.width, 0, 0, to).release());
        await watch.time('detect', detect);
        await watch.time('crop', () => {
          for (let face = 0; face < clip.faces; face++) warp(frame, { width, height });
        });
        if (clip.faces > 0) await watch.time('classify', () => classify(clip.faces));
        frame.release();
      }
    });
    capture.release();
    return sharesOf(cpuMs / frames, watch);
  };
}

/** The faster one at exactly a half, where both give the same. */
function interpolation(frame: Mat, { width, height }: InputSize): number {
  return 2 * width === frame.cols && 2 * height === frame.rows ? cv.INTER_AREA : cv.INTER_LINEAR;
}

/** The CPU time of a frame, by the shares that the kernels have of the time. */
function sharesOf(sum: number, watch: Stopwatch): KernelCost {
  const means = new Map([...watch.results()].map(([name, times]) => [name, times.mean]));
  const all = [...means.values()].reduce((total, mean) => total + mean, 0);
  const of = (name: string) => (sum * (means.get(name) ?? 0)) / all;
  return {
    decode: of('decode'),
    resize: of('resize'),
    detect: of('detect'),
    crop: of('crop'),
    classify: of('classify'),
    sum,
  };
}

/** One thread that does not spin: what takes least of the processor. The pipeline may take two where they are much faster. */
const sessionOptions: ort.InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  logSeverityLevel: 3,
  extra: { session: { intra_op: { allow_spinning: '0' } } },
};

/** In the runtime that the pipeline has chosen on this machine. */
async function detectorKernel(modelsDir: string, pipeline: Pipeline, size: InputSize): Promise<() => unknown> {
  const file = join(modelsDir, yunetFile);
  if (pipeline.detector.description.includes('OpenCV')) {
    const net = cv.readNetFromONNX(file);
    const image = new cv.Mat(size.height, size.width, cv.CV_8UC3, [128, 128, 128]);
    const blob = cv.blobFromImage(image);
    image.release();
    return () => {
      net.setInput(blob);
      for (const output of net.forward([...yunetOutputNames])) output.release();
    };
  }
  const session = await ort.InferenceSession.create(withInputSize(await readFile(file), size), sessionOptions);
  const planes = new Float32Array(3 * size.width * size.height).fill(128);
  const input = new ort.Tensor('float32', planes, [1, 3, size.height, size.width]);
  return () => session.run({ input });
}

async function classifierKernel(modelsDir: string, { classifier }: Pipeline): Promise<(faces: number) => unknown> {
  const { card, precision } = classifier;
  const { name, width, height } = card.input;
  const session = await ort.InferenceSession.create(join(modelsDir, card.files[precision].file), sessionOptions);
  const inputs = new Map<number, ort.Tensor>();
  const inputOf = (faces: number) => {
    const crops = new Uint8Array(faces * width * height).fill(128);
    return new ort.Tensor('uint8', crops, [faces, 1, height, width]);
  };
  return (faces) => {
    const input = inputs.get(faces) ?? inputOf(faces);
    inputs.set(faces, input);
    return session.run({ [name]: input });
  };
}

/** Where the crop lies matters little to its cost: a square of half the frame's height in its middle. */
function warp(frame: Mat, to: InputSize): void {
  const scale = to.height / (frame.rows / 2);
  const matrix = new cv.Mat(
    [
      [scale, 0, to.width / 2 - (scale * frame.cols) / 2],
      [0, scale, to.height / 2 - (scale * frame.rows) / 2],
    ],
    cv.CV_64F,
  );
  const crop = frame.warpAffine(matrix, new cv.Size(to.width, to.height), cv.INTER_LINEAR);
  crop.cvtColor(cv.COLOR_BGR2GRAY).release();
  crop.release();
  matrix.release();
}

import { createClassifier } from '../../../classify/classifier.ts';
import type { Config } from '../../../config/schema.ts';
import type { Mat } from '../../../core/opencv.ts';
import { createBlazefaceDetector } from '../../../detect/blazeface.ts';
import type { Detector } from '../../../detect/detector.ts';
import { createHaarDetector } from '../../../detect/haar.ts';
import { createYunetDetector } from '../../../detect/yunet.ts';
import { encodeAnnotated, encodeJpeg } from '../../../vision/jpeg.ts';
import { type Times, timesOf } from './stopwatch.ts';

export type AlternativeRow = Times & { readonly kernel: string };

interface Options {
  readonly modelsDir: string;
  readonly config: Config;
  /** Absent before `mien models pull`. */
  readonly yunetFile: string | undefined;
  readonly blazefaceFile: string | undefined;
}

/** The choices that Mien makes between kernels, side by side on one frame (640x480, one face). */
export async function measureAlternatives(frame: Mat, options: Options): Promise<AlternativeRow[]> {
  const { modelsDir, config } = options;
  const rows: AlternativeRow[] = await measureDetectors(frame, options);
  const add = async (kernel: string, work: () => unknown, runs = 100) => {
    const { p50, p95, p99, mean } = await time(work, runs);
    rows.push({ kernel, p50, p95, p99, mean });
  };
  for (const precision of ['fp32', 'int8'] as const) {
    const classifier = await createClassifier({ ...config.classify, modelsDir, precision });
    const { width, height } = classifier.card.input;
    const crops = new Uint8Array(8 * width * height).fill(128);
    for (const faces of [1, 8]) {
      const some = crops.subarray(0, faces * width * height);
      await add(`classify: ${precision}, ${faces === 1 ? '1 face' : `${faces} faces`}`, () =>
        classifier.classify(some, faces),
      );
    }
  }
  await add('encode: JPEG', () => encodeJpeg(frame, config.http.jpegQuality));
  const box = { x: 200, y: 120, width: 160, height: 200 };
  const face = { track: 1, box, score: 1, label: 'happy', probabilities: { happy: 0.9 } };
  await add('encode: JPEG with boxes', () => encodeAnnotated(frame, [face], config.http.jpegQuality));
  return rows;
}

/** In turns: other work on the machine slows all of them alike. */
async function measureDetectors(
  frame: Mat,
  { config: { detect }, yunetFile, blazefaceFile }: Options,
): Promise<AlternativeRow[]> {
  const kernels: [string, Detector][] = [];
  const shared = { ...detect, threads: detect.threads || 1 };
  if (yunetFile) {
    const yunet = { ...shared, file: yunetFile };
    kernels.push(['YuNet, ONNX Runtime', createYunetDetector({ ...yunet, runtime: 'onnxruntime' })]);
    kernels.push(['YuNet, OpenCV dnn', createYunetDetector({ ...yunet, runtime: 'opencv' })]);
  }
  if (blazefaceFile) {
    kernels.push(['BlazeFace, ONNX Runtime', createBlazefaceDetector({ ...shared, file: blazefaceFile })]);
  }
  kernels.push(['Haar', createHaarDetector(detect)]);
  const times = await timeInTurns(
    kernels.map(
      ([, detector]) =>
        () =>
          detector.detect(frame),
    ),
    60,
  );
  return kernels.map(([name], index) => {
    const { p50, p95, p99, mean } = times[index]!;
    return { kernel: `detect: ${name}`, p50, p95, p99, mean };
  });
}

async function time(work: () => unknown, runs: number): Promise<Times> {
  const [times] = await timeInTurns([work], runs);
  return times!;
}

async function timeInTurns(works: readonly (() => unknown)[], runs: number): Promise<Times[]> {
  for (const work of works) for (let i = 0; i < 10; i++) await work();
  const times = works.map((): number[] => []);
  for (let i = 0; i < runs; i++) {
    for (const [index, work] of works.entries()) {
      const start = performance.now();
      await work();
      times[index]!.push(performance.now() - start);
    }
  }
  return times.map((each) => timesOf(each));
}

import { createClassifier } from '../../classify/classifier.ts';
import type { Config } from '../../config/schema.ts';
import type { Mat } from '../../core/opencv.ts';
import { createHaarDetector } from '../../detect/haar.ts';
import { createYunetDetector } from '../../detect/yunet.ts';
import { encodeAnnotated, encodeJpeg } from '../../vision/jpeg.ts';
import { type Times, timesOf } from './stopwatch.ts';

export type AlternativeRow = Times & { readonly kernel: string };

interface Options {
  readonly modelsDir: string;
  readonly config: Config;
  /** Absent before `mien models pull`. */
  readonly yunetFile: string | undefined;
}

/** The choices that Mien makes between kernels, side by side on one frame (640x480, one face). */
export async function measureAlternatives(frame: Mat, options: Options): Promise<AlternativeRow[]> {
  const { modelsDir, config, yunetFile } = options;
  const rows: AlternativeRow[] = [];
  const add = async (kernel: string, work: () => unknown, runs = 100) => {
    const { p50, p95, p99, mean } = await time(work, runs);
    rows.push({ kernel, p50, p95, p99, mean });
  };
  if (yunetFile) {
    const yunet = { ...config.detect, file: yunetFile };
    const onOrt = createYunetDetector({ ...yunet, runtime: 'onnxruntime' });
    const onOpenCv = createYunetDetector({ ...yunet, runtime: 'opencv' });
    await add('detect: YuNet, ONNX Runtime', () => onOrt.detect(frame));
    await add('detect: YuNet, OpenCV dnn', () => onOpenCv.detect(frame));
  }
  const haar = createHaarDetector(config.detect);
  await add('detect: Haar', () => haar.detect(frame), 30);
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

async function time(work: () => unknown, runs: number): Promise<Times> {
  for (let i = 0; i < 10; i++) await work();
  const times: number[] = [];
  for (let i = 0; i < runs; i++) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  return timesOf(times);
}

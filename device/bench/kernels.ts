import { openSource } from '../camera/open.ts';
import { createClassifier } from '../classify/classifier.ts';
import { cropSquare, cutCrop } from '../classify/crop.ts';
import type { Mat } from '../core/opencv.ts';
import type { Detection } from '../core/types.ts';
import { chooseDetector } from '../detect/choose.ts';
import { createHaarDetector } from '../detect/haar.ts';
import { createYunetDetector } from '../detect/yunet.ts';
import { encodeAnnotated, encodeJpeg } from '../vision/jpeg.ts';
import { quantile } from './table.ts';

export interface KernelRow {
  readonly kernel: string;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** Milliseconds of each stage alone, on one frame of the demo clip with a face in it (640x480). */
export async function benchKernels(modelsDir: string, yunetFile: string | undefined): Promise<KernelRow[]> {
  const { frame, faces } = await frameWithFace(modelsDir);
  const rows: KernelRow[] = [];
  const add = async (kernel: string, work: () => unknown, runs = 200) => rows.push(await time(kernel, work, runs));

  if (yunetFile) {
    const yunet = { file: yunetFile, minScore: 0.7, minFace: 16, inputWidth: 320 };
    const onOrt = createYunetDetector({ ...yunet, runtime: 'onnxruntime' });
    const onOpenCv = createYunetDetector({ ...yunet, runtime: 'opencv' });
    await add('detect: YuNet 320, ONNX Runtime', () => onOrt.detect(frame));
    await add('detect: YuNet 320, OpenCV dnn', () => onOpenCv.detect(frame));
  }
  const haar = createHaarDetector({ minFace: 16 });
  await add('detect: Haar 320', () => haar.detect(frame), 50);

  for (const precision of ['fp32', 'int8'] as const) {
    const classifier = await createClassifier({ modelsDir, model: 'simple-cnn', precision, threads: 1 });
    const { input, crop } = classifier.card;
    const size = input.width * input.height;
    const crops = new Uint8Array(size * 8);
    for (let face = 0; face < 8; face++) {
      cutCrop(frame, cropSquare(faces[0]!.box, crop.box.yunet), input, crops.subarray(face * size, (face + 1) * size));
    }
    if (precision === 'fp32') {
      const region = cropSquare(faces[0]!.box, crop.box.yunet);
      await add('crop one face', () => cutCrop(frame, region, input, crops.subarray(0, size)));
    }
    await add(`classify 1 face, ${precision}`, () => classifier.classify(crops.subarray(0, size), 1));
    await add(`classify 8 faces, ${precision}`, () => classifier.classify(crops, 8));
  }
  await add('encode JPEG', () => encodeJpeg(frame, 75));
  const labelled = faces.map((face) => ({ ...face, track: 1, label: 'happy', probabilities: { happy: 0.9 } }));
  await add('encode JPEG with boxes', () => encodeAnnotated(frame, labelled, 75));
  frame.release();
  return rows;
}

async function frameWithFace(modelsDir: string): Promise<{ frame: Mat; faces: readonly Detection[] }> {
  const detect = { detector: 'auto', modelsDir, minScore: 0.7, minFace: 16, inputWidth: 320 } as const;
  const { detector } = chooseDetector(detect);
  const source = await openSource('demo', { width: 640, height: 480, fps: 30, loop: false, pace: 'max' });
  const never = new AbortController().signal;
  for (let frame = await source.read(never); frame; frame = await source.read(never)) {
    const faces = await detector.detect(frame.mat);
    if (faces.length === 1) {
      source.close();
      return { frame: frame.mat, faces };
    }
    frame.mat.release();
  }
  throw new Error('No face in the demo clip');
}

async function time(kernel: string, work: () => unknown, runs: number): Promise<KernelRow> {
  for (let i = 0; i < 10; i++) await work();
  const times: number[] = [];
  for (let i = 0; i < runs; i++) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  return { kernel, p50: quantile(times, 0.5), p95: quantile(times, 0.95), p99: quantile(times, 0.99) };
}

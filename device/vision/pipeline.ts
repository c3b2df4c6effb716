import { type Classifier, type ClassifierOptions, createClassifier } from '../classify/classifier.ts';
import { cropSquare, cutCrop } from '../classify/crop.ts';
import { doubtLimits, hasLimits } from '../classify/doubt.ts';
import { Smoother } from '../classify/smooth.ts';
import type { Mat } from '../core/opencv.ts';
import type { Detection, Face } from '../core/types.ts';
import { chooseDetector, type DetectOptions } from '../detect/choose.ts';
import type { Detector } from '../detect/detector.ts';
import { createTracker, type Tracker } from '../track/tracker.ts';

export interface PipelineSettings {
  readonly modelsDir: string;
  readonly detect: Omit<DetectOptions, 'modelsDir'>;
  /** `uncertain`: whether faces may be called so, by models whose card has limits for it. */
  readonly classify: Omit<ClassifierOptions, 'modelsDir'> & { readonly uncertain: boolean };
  readonly track: { readonly smoothingMs: number; readonly lostMs: number };
  readonly firstTrack?: number;
}

/** From one frame to the faces in it: detect, track, crop, classify, smooth. */
export interface Pipeline {
  readonly detector: Detector;
  readonly classifier: Classifier;
  /** A degraded state, with its remedy. */
  readonly warning: string | undefined;
  /** Whether faces may be called `uncertain`. */
  readonly uncertain: boolean;
  /** @param mono monotonic ms of the frame */
  process(frame: Mat, mono: number): Promise<Face[]>;
}

/** @throws MienError when a model is missing or not the one expected. */
export async function createPipeline(settings: PipelineSettings): Promise<Pipeline> {
  const { detector, warning } = chooseDetector({ ...settings.detect, modelsDir: settings.modelsDir });
  const classifier = await createClassifier({ ...settings.classify, modelsDir: settings.modelsDir });
  const tracker = createTracker({ lostMs: settings.track.lostMs, firstId: settings.firstTrack ?? 1 });
  const limits = settings.classify.uncertain ? doubtLimits(classifier.card) : {};
  return new StagePipeline({
    detector,
    classifier,
    tracker,
    smoother: new Smoother(settings.track.smoothingMs, limits),
    warning,
    uncertain: hasLimits(limits),
  });
}

interface Stages {
  readonly detector: Detector;
  readonly classifier: Classifier;
  readonly tracker: Tracker;
  readonly smoother: Smoother;
  readonly warning: string | undefined;
  readonly uncertain: boolean;
}

class StagePipeline implements Pipeline {
  readonly detector: Detector;
  readonly classifier: Classifier;
  readonly warning: string | undefined;
  readonly uncertain: boolean;
  readonly #stages: Stages;

  constructor(stages: Stages) {
    this.#stages = stages;
    this.detector = stages.detector;
    this.classifier = stages.classifier;
    this.warning = stages.warning;
    this.uncertain = stages.uncertain;
  }

  async process(frame: Mat, mono: number): Promise<Face[]> {
    const { detector, tracker, smoother } = this.#stages;
    const tracked = tracker.update(await detector.detect(frame), mono);
    smoother.keepOnly(tracker.live);
    if (tracked.length === 0) return [];
    const classified = await classifyFaces(this.#stages, frame, tracked);
    return tracked.map((face, index) => {
      const seen = classified[index]!;
      const { votes } = seen;
      return { ...face, ...smoother.update(face.track, seen, mono), ...(votes && { votes }) };
    });
  }
}

/** All faces of the frame in one inference. */
async function classifyFaces({ classifier, detector }: Stages, frame: Mat, faces: readonly Detection[]) {
  const { input, crop } = classifier.card;
  const size = input.width * input.height;
  const crops = new Uint8Array(faces.length * size);
  for (const [index, face] of faces.entries()) {
    const region = cropSquare(face.box, crop.box[detector.boxKind]);
    cutCrop(frame, region, input, crops.subarray(index * size, (index + 1) * size));
  }
  return classifier.classify(crops, faces.length);
}

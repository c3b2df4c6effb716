import { abstentionLimits, type CropObservation, hasLimits } from '../classify/abstention.ts';
import { type Classifier, type ClassifierOptions, createClassifier } from '../classify/classifier.ts';
import { cutCrop } from '../classify/crop.ts';
import { offsetsOf, withOffsets } from '../classify/sensitivity.ts';
import { Smoother } from '../classify/smooth.ts';
import { scaleBox } from '../core/boxes.ts';
import type { Sensitivity } from '../core/labels.ts';
import type { Mat } from '../core/opencv.ts';
import type { Face } from '../core/types.ts';
import { chooseDetector, type DetectOptions } from '../detect/choose.ts';
import type { Detector } from '../detect/detector.ts';
import { createScene } from '../detect/scene.ts';
import { createTracker, lowScore, type Track, type Tracked, type Tracker } from '../track/tracker.ts';
import { cropRegionOf, measureFace } from './crop-region.ts';
import { DetectionSchedule } from './detection-schedule.ts';
import { atCropScale, atDetectionScale, type Reduced, type View } from './reduced.ts';
import type { StageTimes } from './stage-times.ts';

export interface PipelineSettings {
  readonly modelsDir: string;
  /** `adaptive`: look for faces, and at them, in those frames only in which something may be new, see `Attention` and `Smoother`. */
  readonly detect: Omit<DetectOptions, 'modelsDir'> & { readonly adaptive: boolean };
  /**
   * `uncertain`: whether faces may be called so, by models whose card has limits for it. `sensitivity`: the operating point of
   * the card. `mirror`: whether every other crop of a face is mirrored; never where each picture stands alone.
   */
  readonly classify: Omit<ClassifierOptions, 'modelsDir'> & {
    readonly uncertain: boolean;
    readonly sensitivity: Sensitivity;
    readonly mirror: boolean;
  };
  /** `confirmMs`: how long a face must have been seen before it is one, see track/; 0 for pictures that stand alone. */
  readonly track: { readonly smoothingMs: number; readonly lostMs: number; readonly confirmMs?: number };
  readonly firstTrack?: number;
  /** Hears how long `detect` and `classify` took. */
  readonly times?: Pick<StageTimes, 'add'>;
}

/** What takes time and memory to load, and serves one pipeline after the other. */
export interface Networks {
  readonly detector: Detector;
  readonly classifier: Classifier;
  /** A degraded state, with its remedy. */
  readonly warning: string | undefined;
  /** Another detector than the first choice, which finds faces as well. */
  readonly note: string | undefined;
}

/** From one frame to the faces in it: detect, track, crop, classify, smooth. */
export interface Pipeline extends Networks {
  /** Whether faces may be called `uncertain`. */
  readonly uncertain: boolean;
  /** Nobody is there and nothing moves: the next frame may come as a glance, from which more can be had. */
  readonly isIdle: boolean;
  /** Whether a frame of this moment (monotonic ms) need not be processed; the answer counts as done. */
  skipsFrame(mono: number): boolean;
  /**
   * @param mono monotonic ms of the frame
   * @param reduced where the frame is a smaller version of the picture; faces are in pixels of the picture
   */
  process(frame: Mat, mono: number, reduced?: Reduced): Promise<Face[]>;
  /** As `process`, with what may yet turn out to be a face: for those who can wait for that (`mien analyze`). */
  processAll(frame: Mat, mono: number, reduced?: Reduced): Promise<FaceCandidate[]>;
}

/** Something in a frame that is, or may turn out to be, a face: it is one once its track has a number. */
export interface FaceCandidate {
  readonly track: Track;
  readonly face: Omit<Face, 'track'>;
}

/** The faces among the sights of a frame, as far as that is decided. */
export function facesOf(candidates: readonly FaceCandidate[]): Face[] {
  return candidates.flatMap(({ track: { id }, face }) => (id === undefined ? [] : [{ track: id, ...face }]));
}

/** @throws MienError when a model is missing or not the one expected. */
export async function createPipeline(settings: PipelineSettings): Promise<Pipeline> {
  return assemblePipeline(settings, await loadNetworks(settings));
}

/** @throws MienError when a model is missing or not the one expected. */
export async function loadNetworks(settings: PipelineSettings): Promise<Networks> {
  const { modelsDir, detect, classify } = settings;
  const { detector, warning, note } = chooseDetector({ ...detect, modelsDir });
  return { detector, warning, note, classifier: await createClassifier({ ...classify, modelsDir }) };
}

/** A pipeline in which nobody has been seen yet, of networks that no other one uses any more. */
export function assemblePipeline(
  settings: PipelineSettings,
  { detector, classifier, warning, note }: Networks,
): Pipeline {
  const { minScore, minFace, inputWidth, minWidth } = settings.detect;
  // Weaker ones start no track, but carry on those that there are.
  detector.adjust({ minScore: Math.min(minScore, lowScore), minFace, inputWidth, minWidth });
  const { lostMs, confirmMs, smoothingMs } = settings.track;
  const maxReject = classifier.card.reject?.threshold;
  const tracker = createTracker({ lostMs, confirmMs, minScore, maxReject, firstId: settings.firstTrack });
  const { uncertain, sensitivity, mirror } = settings.classify;
  const limits = uncertain ? abstentionLimits(classifier.card, sensitivity) : {};
  return new StagePipeline({
    detector,
    classifier,
    tracker,
    smoother: new Smoother({
      timeConstantMs: smoothingMs,
      limits,
      mirror: mirror && confirmMs !== 0,
    }),
    offsets: offsetsOf(classifier.card, sensitivity),
    detectionSchedule: settings.detect.adaptive ? new DetectionSchedule(createScene()) : undefined,
    warning,
    note,
    uncertain: hasLimits(limits),
    times: settings.times,
  });
}

interface Stages extends Networks {
  readonly tracker: Tracker;
  readonly smoother: Smoother;
  /** What the sensitivity adds to the logits. */
  readonly offsets: Readonly<Record<string, number>>;
  /** Undefined: every frame is looked at. */
  readonly detectionSchedule: DetectionSchedule | undefined;
  readonly uncertain: boolean;
  readonly times: Pick<StageTimes, 'add'> | undefined;
}

class StagePipeline implements Pipeline {
  readonly detector: Detector;
  readonly classifier: Classifier;
  readonly warning: string | undefined;
  readonly note: string | undefined;
  readonly uncertain: boolean;
  readonly #stages: Stages;

  constructor(stages: Stages) {
    this.#stages = stages;
    this.detector = stages.detector;
    this.classifier = stages.classifier;
    this.warning = stages.warning;
    this.note = stages.note;
    this.uncertain = stages.uncertain;
  }

  get isIdle(): boolean {
    return this.#stages.detectionSchedule?.isIdle ?? false;
  }

  skipsFrame(mono: number): boolean {
    const { detectionSchedule, tracker } = this.#stages;
    // Whom the last look found, or may have found, attention has not heard of yet.
    return detectionSchedule !== undefined && tracker.coast(mono)?.length === 0 && detectionSchedule.skipsFrame(mono);
  }

  async process(frame: Mat, mono: number, reduced?: Reduced): Promise<Face[]> {
    return facesOf(await this.processAll(frame, mono, reduced));
  }

  async processAll(frame: Mat, mono: number, reduced?: Reduced): Promise<FaceCandidate[]> {
    const expected = this.#expected({ frame, reduced }, mono);
    if (expected) return this.#classify({ frame, reduced }, expected, mono);
    const view = atDetectionScale({ frame, reduced });
    const startedAt = performance.now();
    const detections = await this.detector.detect(view.frame, view.reduced?.scale);
    this.#stages.times?.add('detect', performance.now() - startedAt);
    const candidates = await this.#classify(view, this.#stages.tracker.update(detections, mono), mono);
    if (view.frame !== frame) view.frame.release();
    return candidates;
  }

  /** The faces carried on, where nothing speaks against that; undefined where the detector must look. */
  #expected({ frame, reduced }: View, mono: number): readonly Tracked[] | undefined {
    const { tracker, detectionSchedule } = this.#stages;
    const expected = detectionSchedule && tracker.coast(mono);
    const boxes = expected?.map(({ detection }) => scaleBox(detection.box, 1 / (reduced?.scale ?? 1)));
    return detectionSchedule?.needsDetection(frame, boxes, mono) === false ? expected : undefined;
  }

  async #classify(view: View, tracked: readonly Tracked[], mono: number): Promise<FaceCandidate[]> {
    const { tracker, smoother } = this.#stages;
    smoother.keepOnly(tracker.live);
    const due = tracked.filter((each) => this.#isDue(each, mono));
    const seen = new Map<Track, CropObservation>();
    for (const [index, answer] of (await this.#classifyFaces(view, due)).entries()) seen.set(due[index]!.track, answer);
    return tracked.map(({ detection, track }) => {
      const answer = seen.get(track);
      if (answer?.reject !== undefined) tracker.addReject(track, answer.reject);
      const shown = answer ? smoother.update(track.key, answer, mono) : smoother.repeat(track.key);
      return { track, face: { ...detection, ...shown } };
    });
  }

  /** What may yet turn out to be no face is looked at in every frame. */
  #isDue({ track }: Tracked, mono: number): boolean {
    const { detectionSchedule, smoother } = this.#stages;
    return !detectionSchedule || track.id === undefined || smoother.isDue(track.key, mono);
  }

  /** What the classifier says of these faces, in their order. */
  async #classifyFaces(view: View, faces: readonly Tracked[]): Promise<CropObservation[]> {
    if (faces.length === 0) return [];
    const { classifier, detector, offsets, times } = this.#stages;
    const startedAt = performance.now();
    const sharp = atCropScale({ ...view, faces, cropHeight: classifier.card.input.height });
    const crops = cutFaces(this.#stages, sharp.mat, sharp.faces);
    if (sharp.mat !== view.frame) sharp.mat.release();
    const { card } = classifier;
    const size = card.input.width * card.input.height;
    const measures = faces.map(({ detection }, index) =>
      measureFace(detection, crops.subarray(index * size, (index + 1) * size), detector.boxKind, card),
    );
    const classified = await classifier.classify(crops, faces.length);
    times?.add('classify', performance.now() - startedAt);
    return classified.map(({ probabilities, ...rest }, index) => ({
      ...rest,
      probabilities: withOffsets(probabilities, offsets),
      measures: measures[index],
    }));
  }
}

/** The crops of all faces as the classifier wants them: grey, 0..255, [faces, height, width] of its input. */
export function cutFaces(
  { classifier: { card }, detector, smoother }: Pick<Stages, 'classifier' | 'detector' | 'smoother'>,
  frame: Mat,
  faces: readonly Tracked[],
): Uint8Array {
  const size = card.input.width * card.input.height;
  const crops = new Uint8Array(faces.length * size);
  for (const [index, { detection, track }] of faces.entries()) {
    const into = crops.subarray(index * size, (index + 1) * size);
    const place = cropRegionOf(detection, detector.boxKind, card);
    cutCrop(frame, place, card.input, into, smoother.isMirrored(track.key));
  }
  return crops;
}

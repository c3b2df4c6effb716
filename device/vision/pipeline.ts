import { abstentionLimits, type CropObservation, hasLimits } from '../classify/abstention.ts';
import { type Classifier, type ClassifierOptions, createClassifier } from '../classify/classifier.ts';
import { cutCrop } from '../classify/crop.ts';
import type { CropMeasures } from '../classify/measures.ts';
import { offsetsOf, withOffsets } from '../classify/sensitivity.ts';
import { Smoother } from '../classify/smooth.ts';
import { scaleBox } from '../core/boxes.ts';
import { type Clock, systemClock } from '../core/clock.ts';
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
  /**
   * `adaptive`: detect and classify only in frames in which something may have changed, see `DetectionSchedule` and
   * `Smoother`.
   */
  readonly detect: Omit<DetectOptions, 'modelsDir'> & { readonly adaptive: boolean };
  /**
   * `uncertain`: whether faces may be called `uncertain`, for models whose card has limits. `sensitivity`: the
   * operating point of the card. `mirror`: whether every other crop of a face is mirrored; never for independent
   * pictures.
   */
  readonly classify: Omit<ClassifierOptions, 'modelsDir'> & {
    readonly uncertain: boolean;
    readonly sensitivity: Sensitivity;
    readonly mirror: boolean;
  };
  /** `confirmMs`: time until a face is confirmed, see track/; 0 for independent pictures. */
  readonly track: { readonly smoothingMs: number; readonly lostMs: number; readonly confirmMs?: number };
  readonly firstTrack?: number;
  /** Receives the durations of `detect`, `track`, `crop` and `classify`. */
  readonly times?: Pick<StageTimes, 'add'>;
  /** Measures these durations; default: the system's clock. */
  readonly clock?: Clock;
}

/** The loaded networks, which take time and memory to load and serve several pipelines in succession. */
export interface Networks {
  readonly detector: Detector;
  readonly classifier: Classifier;
  /** A degraded state, with its remedy. */
  readonly warning: string | undefined;
  /** Set where the second choice of detector is used, which finds faces equally well. */
  readonly note: string | undefined;
}

/** From one frame to the faces in it: detect, track, crop, classify, smooth. */
export interface Pipeline extends Networks {
  /** Whether faces may be called `uncertain`. */
  readonly uncertain: boolean;
  /** The scene is idle: a thumbnail of the next frame suffices, from which more can be decoded. */
  readonly isIdle: boolean;
  /** Whether a frame of this time (monotonic ms) may be skipped; the answer is recorded as done. */
  skipsFrame(mono: number): boolean;
  /**
   * @param mono monotonic ms of the frame
   * @param reduced where the frame is a smaller version of the picture; faces are in pixels of the picture
   */
  process(frame: Mat, mono: number, reduced?: Reduced): Promise<Face[]>;
  /**
   * Like `process`, including unconfirmed candidates: for callers that can wait for the confirmation (`mien analyze`).
   */
  processAll(frame: Mat, mono: number, reduced?: Reduced): Promise<FaceCandidate[]>;
}

/** A detection that is, or may become, a face: it is one once its track has an id. */
export interface FaceCandidate {
  readonly track: Track;
  readonly face: Omit<Face, 'track'>;
}

/** The confirmed faces among the candidates of a frame. */
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

/** A new pipeline without tracks. Its networks must not be used by another pipeline any more. */
export function assemblePipeline(
  settings: PipelineSettings,
  { detector, classifier, warning, note }: Networks,
): Pipeline {
  const { minScore, minFace, inputWidth, minWidth } = settings.detect;
  // Weaker detections start no track, but continue existing ones.
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
    clock: settings.clock ?? systemClock,
  });
}

interface Stages extends Networks {
  readonly tracker: Tracker;
  readonly smoother: Smoother;
  /** Offsets of the sensitivity to the logits. */
  readonly offsets: Readonly<Record<string, number>>;
  /** Undefined: every frame is searched. */
  readonly detectionSchedule: DetectionSchedule | undefined;
  readonly uncertain: boolean;
  readonly times: Pick<StageTimes, 'add'> | undefined;
  readonly clock: Clock;
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
    // The schedule does not know the latest detections yet, so ask the tracker first.
    return detectionSchedule !== undefined && tracker.coast(mono)?.length === 0 && detectionSchedule.skipsFrame(mono);
  }

  async process(frame: Mat, mono: number, reduced?: Reduced): Promise<Face[]> {
    return facesOf(await this.processAll(frame, mono, reduced));
  }

  async processAll(frame: Mat, mono: number, reduced?: Reduced): Promise<FaceCandidate[]> {
    const expected = this.#expected({ frame, reduced }, mono);
    if (expected) return this.#classify({ frame, reduced }, expected, mono);
    const view = atDetectionScale({ frame, reduced });
    const detections = await this.#timed('detect', () => this.detector.detect(view.frame, view.reduced?.scale));
    const tracked = await this.#timed('track', () => this.#stages.tracker.update(detections, mono));
    const candidates = await this.#classify(view, tracked, mono);
    if (view.frame !== frame) view.frame.release();
    return candidates;
  }

  /** The coasted faces; undefined where this frame must be searched. */
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

  /** Unconfirmed tracks are classified in every frame. */
  #isDue({ track }: Tracked, mono: number): boolean {
    const { detectionSchedule, smoother } = this.#stages;
    return !detectionSchedule || track.id === undefined || smoother.isDue(track.key, mono);
  }

  /** The classifier's results for these faces, in their order. */
  async #classifyFaces(view: View, faces: readonly Tracked[]): Promise<CropObservation[]> {
    if (faces.length === 0) return [];
    const { classifier, offsets } = this.#stages;
    const { crops, measures } = await this.#timed('crop', () => this.#cut(view, faces));
    const classified = await this.#timed('classify', () => classifier.classify(crops, faces.length));
    return classified.map(({ probabilities, ...rest }, index) => ({
      ...rest,
      probabilities: withOffsets(probabilities, offsets),
      measures: measures[index],
    }));
  }

  /** The crops of these faces, and their measures. */
  #cut(view: View, faces: readonly Tracked[]): { crops: Uint8Array; measures: CropMeasures[] } {
    const { classifier, detector } = this.#stages;
    const sharp = atCropScale({ ...view, faces, cropHeight: classifier.card.input.height });
    const crops = cutFaces(this.#stages, sharp.mat, sharp.faces);
    if (sharp.mat !== view.frame) sharp.mat.release();
    const { card } = classifier;
    const size = card.input.width * card.input.height;
    const measures = faces.map(({ detection }, index) =>
      measureFace(detection, crops.subarray(index * size, (index + 1) * size), detector.boxKind, card),
    );
    return { crops, measures };
  }

  async #timed<Result>(stage: string, work: () => Promise<Result> | Result): Promise<Result> {
    const { times, clock } = this.#stages;
    const startedAt = clock.mono();
    const result = await work();
    times?.add(stage, clock.mono() - startedAt);
    return result;
  }
}

/** The crops of all faces in the classifier's format: grey, 0..255, [faces, height, width] of its input. */
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

import { openSource } from '../../../camera/open.ts';
import type { Frame } from '../../../camera/source.ts';
import { type Classifier, createClassifier } from '../../../classify/classifier.ts';
import { Smoother } from '../../../classify/smooth.ts';
import type { Config } from '../../../config/schema.ts';
import { happyShareOf, labelCounts } from '../../../core/labels.ts';
import { cv } from '../../../core/opencv.ts';
import type { Detection, LiveFrame, Reading } from '../../../core/types.ts';
import { chooseDetector } from '../../../detect/choose.ts';
import type { Detector } from '../../../detect/detector.ts';
import { inputSize } from '../../../detect/input.ts';
import { createTracker, lowScore, type Tracker } from '../../../track/tracker.ts';
import { encodeJpeg } from '../../../vision/jpeg.ts';
import { cutFaces } from '../../../vision/pipeline.ts';
import type { SceneClip } from '../scene.ts';
import { mean } from '../statistics.ts';
import type { Channel } from './channel.ts';
import type { Sinks } from './sinks.ts';
import { Stopwatch, type Times } from './stopwatch.ts';

export interface StageResult {
  readonly faces: number;
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  /** Faces found, on average over the frames. */
  readonly found: number;
  readonly stages: Readonly<Record<string, Times>>;
  /** Frames per second if one process did all stages one after the other. */
  readonly framesPerSecond: number;
  /** CPU time of this process, all threads, including encoding. */
  readonly cpuSeconds: number;
  readonly cpuMsPerFrame: number;
  /** Resident memory of this process after the scene. */
  readonly memoryMb: number;
}

export interface StageDeps {
  readonly config: Config;
  readonly modelsDir: string;
  readonly channel: Channel;
  readonly sinks: Sinks;
}

/** Rows that are part of another row or an alternative to it; the sum leaves them out. */
export const partsOfOthers: ReadonlySet<string> = new Set(['resize', 'IPC, with picture']);

/** Times every stage alone on each frame of a clip: the cost of a frame, by stage. */
export async function measureStages(clip: SceneClip, deps: StageDeps): Promise<StageResult> {
  const { camera, track } = deps.config;
  const stages = await prepare(deps);
  const source = await openSource(clip.file, { ...camera, loop: false, pace: 'max' });
  const never = new AbortController().signal;
  const run: Run = {
    ...deps,
    ...stages,
    watch: new Stopwatch(),
    tracker: createTracker({ lostMs: track.lostMs, minScore: deps.config.detect.minScore }),
    smoother: new Smoother({ timeConstantMs: track.smoothingMs, mirror: deps.config.classify.mirror }),
  };
  await warmUp(clip, stages);
  const before = process.cpuUsage();
  const found: number[] = [];
  for (;;) {
    const frame = await run.watch.time('decode', () => source.read(never));
    if (!frame) break;
    found.push(await oneFrame(run, frame, (frame.index * 1000) / clip.fps));
    frame.mat.release();
  }
  const cpu = process.cpuUsage(before);
  source.close();
  return summarize(clip, { found, watch: run.watch, cpuSeconds: (cpu.user + cpu.system) / 1e6 });
}

interface Stages {
  readonly detector: Detector;
  readonly classifier: Classifier;
}

interface Run extends Stages, StageDeps {
  readonly watch: Stopwatch;
  readonly tracker: Tracker;
  readonly smoother: Smoother;
}

async function prepare({ config, modelsDir }: StageDeps): Promise<Stages> {
  const minScore = Math.min(config.detect.minScore, lowScore);
  const { detector } = chooseDetector({ ...config.detect, modelsDir, minScore });
  return { detector, classifier: await createClassifier({ ...config.classify, modelsDir }) };
}

/** The first call chooses a runtime and loads it. */
async function warmUp({ width, height }: SceneClip, { detector }: Stages): Promise<void> {
  const empty = new cv.Mat(height, width, cv.CV_8UC3, [128, 128, 128]);
  await detector.detect(empty);
  empty.release();
}

/** Returns how many faces were found. */
async function oneFrame(run: Run, frame: Frame, mono: number): Promise<number> {
  const { watch, detector, tracker, smoother, channel, sinks, config } = run;
  const { mat } = frame;
  const input = inputSize(mat, run.detector.detectionWidth(mat.cols));
  await watch.time('resize', () => mat.resize(input.height, input.width, 0, 0, cv.INTER_LINEAR).release());
  const detections = await watch.time('detect', () => detector.detect(mat));
  const tracked = await watch.time('track', () => tracker.update(detections, mono));
  const crops = await watch.time('crop', () => cutFaces(run, mat, tracked));
  const classified = await watch.time('classify', () => run.classifier.classify(crops, tracked.length));
  const faces = await watch.time('smooth', () =>
    tracked.map(({ detection, track }, index) => ({
      track: track.key,
      ...detection,
      ...smoother.update(track.key, classified[index]!, mono),
    })),
  );
  const { cols: width, rows: height } = mat;
  const happyShare = happyShareOf(labelCounts(faces));
  const reading: Reading = { frame: frame.index, t: frame.t, ts: Date.now(), mono, width, height, faces, happyShare };
  const jpeg = await watch.time('encode', () => encodeJpeg(mat, config.http.jpegQuality));
  await watch.time('IPC', () => channel.roundTrip({ type: 'reading', reading }));
  await watch.time('IPC, with picture', () => channel.roundTrip({ type: 'reading', reading, plain: jpeg }));
  const live: LiveFrame = { reading, jpeg };
  await watch.time('sinks', () => sinks.take(live));
  return detections.filter(isFace(config)).length;
}

const isFace =
  ({ detect }: Config) =>
  ({ score }: Detection) =>
    score >= detect.minScore;

function summarize(
  { faces, width, height }: SceneClip,
  { found, watch, cpuSeconds }: { found: readonly number[]; watch: Stopwatch; cpuSeconds: number },
): StageResult {
  const stages = Object.fromEntries(watch.results());
  const counted = Object.entries(stages).filter(([name]) => !partsOfOthers.has(name));
  const msPerFrame = counted.reduce((sum, [, times]) => sum + times.mean, 0);
  return {
    faces,
    width,
    height,
    frames: found.length,
    found: mean(found),
    stages,
    framesPerSecond: 1000 / msPerFrame,
    cpuSeconds,
    cpuMsPerFrame: (1000 * cpuSeconds) / found.length,
    memoryMb: process.memoryUsage.rss() / 2 ** 20,
  };
}

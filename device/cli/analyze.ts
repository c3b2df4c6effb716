import { once } from 'node:events';
import { Command } from 'commander';
import { openSource } from '../camera/open.ts';
import type { Frame, FrameSource } from '../camera/source.ts';
import type { Config } from '../config/schema.ts';
import { exitCode, MienError } from '../core/errors.ts';
import type { Face, Probabilities } from '../core/types.ts';
import { createPipeline, facesOf, type Pipeline } from '../vision/pipeline.ts';
import { Summary } from './analyze/summary.ts';
import { UntilDecided } from './analyze/until-decided.ts';
import { configOf, configOptions, modelsDirOf, offline, reproducible, wholeNumber } from './options.ts';
import { Progress } from './progress.ts';
import { SkippedPictures } from './skipped-pictures.ts';

export function analyzeCommand(): Command {
  return configOptions(new Command('analyze'))
    .description(
      'Find faces and their apparent expressions in every frame of a recording, a folder of pictures or a camera.',
    )
    .argument('<source>', 'a video file, a folder of images, a camera (0, /dev/video0), a URL, or demo')
    .option('--json', 'print one JSON line per frame')
    .option('--frames <n>', 'stop after this many frames', wholeNumber)
    .action(async (source: string, options) => {
      const config = configOf(options);
      await analyze(source, { config, json: options.json === true, maxFrames: options.frames });
    });
}

async function analyze(spec: string, options: { config: Config; json: boolean; maxFrames?: number }): Promise<void> {
  const { config, json, maxFrames = Number.POSITIVE_INFINITY } = options;
  const skipped = new SkippedPictures();
  const source = await openSource(spec, { ...config.camera, loop: false, pace: 'max', onSkip: skipped.add });
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  const reader = new FrameReader(source, maxFrames, interrupted.signal);
  // Pictures of a folder may show different people, and a single frame has no second one: confirm a face at its first sight.
  const standAlone = source.info.pictures || (await reader.isSingle());
  const pipeline = await createPipeline({
    ...config,
    detect: offline(config.detect),
    classify: reproducible(config.classify),
    track: { ...config.track, ...(standAlone && { confirmMs: 0 }) },
    modelsDir: modelsDirOf(config),
  });
  for (const remark of [pipeline.warning, pipeline.note]) if (remark) process.stderr.write(`mien: ${remark}\n`);
  const progress = new Progress(
    'frames',
    finite(Math.min(countOf(source.info) ?? Number.POSITIVE_INFINITY, maxFrames)),
  );
  const summary = new Summary();
  const undecided = new UntilDecided<SeenFrame>();
  let frames = 0;
  const report = async (decided: readonly SeenFrame[]) => {
    for (const line of decided.map(lineOf)) {
      summary.add(line.t, line.faces);
      if (json) await print(`${JSON.stringify(line)}\n`);
    }
  };

  try {
    for (let frame = await reader.next(); frame; frame = await reader.next()) {
      frames += 1;
      await report(undecided.add(await look(frame, pipeline)));
      if (!json) progress.update(frames);
    }
    await report(undecided.rest());
  } finally {
    reader.release();
    source.close();
    progress.finish();
  }

  if (!json) await print(describe(spec, summary, source, pipeline));
  skipped.require(spec);
  if (!interrupted.signal.aborted) requireWhole(spec, summary.frames, source.info, maxFrames);
}

/** The frame count for the progress bar. An estimate is left out: it may be 30,000 times too high. */
function countOf({ frameCount, isCounted, pictures }: FrameSource['info']): number | undefined {
  return isCounted || pictures ? frameCount : undefined;
}

/**
 * Fails for a truncated recording, after its decodable frames were printed. It relies on facts only: the file ends before its
 * container does, or the container has counted its frames.
 */
function requireWhole(spec: string, frames: number, info: FrameSource['info'], maxFrames: number): void {
  const { frameCount = Number.POSITIVE_INFINITY, isCounted = false, isCutShort = false } = info;
  const promised = Math.min(frameCount, maxFrames);
  // The last frames of a recording may depend on a frame that was never written.
  const isWhole = isCounted ? frames >= promised * 0.98 - 2 : !isCutShort || frames >= promised;
  if (isWhole) return;
  const of = Number.isFinite(promised) ? `of ${promised} ` : '';
  throw new MienError(`${spec} ended early: ${frames} ${of}frames could be decoded`, {
    code: exitCode.badData,
    remedy: 'The file is damaged or incomplete; copy or record it again',
  });
}

type SeenFrame = Awaited<ReturnType<typeof look>>;

async function look({ index, t, mat }: Frame, pipeline: Pipeline) {
  const sights = await pipeline.processAll(mat, t * 1000);
  const seen = { index, t, width: mat.cols, height: mat.rows, sights };
  mat.release();
  return seen;
}

/** The frames of a source up to a limit, with read-ahead. */
class FrameReader {
  readonly #source: FrameSource;
  readonly #maxFrames: number;
  readonly #signal: AbortSignal;
  readonly #ahead: Frame[] = [];
  #read = 0;

  constructor(source: FrameSource, maxFrames: number, signal: AbortSignal) {
    this.#source = source;
    this.#maxFrames = maxFrames;
    this.#signal = signal;
  }

  /** Whether the source has a single frame. Call it before `next`. */
  async isSingle(): Promise<boolean> {
    while (this.#ahead.length < 2) {
      const frame = await this.#readNext();
      if (!frame) return true;
      this.#ahead.push(frame);
    }
    return false;
  }

  async next(): Promise<Frame | undefined> {
    return this.#ahead.shift() ?? this.#readNext();
  }

  /** Releases the frames that were read ahead. */
  release(): void {
    for (const { mat } of this.#ahead.splice(0)) mat.release();
  }

  async #readNext(): Promise<Frame | undefined> {
    if (this.#read >= this.#maxFrames || this.#signal.aborted) return undefined;
    this.#read += 1;
    return this.#source.read(this.#signal);
  }
}

/** One line of `--json`; times and boxes are rounded to their precision. */
function lineOf({ index, t, width, height, sights }: SeenFrame) {
  return { frame: index, t: round(t, 3), width, height, faces: facesOf(sights).map(faceJson) };
}

/** A face as the command line prints it. */
export function faceJson({ track, box, score, label, reason, probability, probabilities, reject }: Face) {
  const rounded = (values: Probabilities) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, round(value, 4)]));
  return {
    track,
    box: { x: round(box.x, 1), y: round(box.y, 1), width: round(box.width, 1), height: round(box.height, 1) },
    score: round(score, 3),
    label,
    ...(reason && { reason }),
    ...(probability !== undefined && { probability: round(probability, 4) }),
    probabilities: rounded(probabilities),
    ...(reject !== undefined && { reject: round(reject, 4) }),
  };
}

function describe(spec: string, summary: Summary, source: FrameSource, pipeline: Pipeline): string {
  const { width, height } = source.info;
  return [
    `${spec}: ${summary.frames} frames of ${width}x${height}, faces in ${summary.framesWithFace}, at most ${summary.maxFaces} at once`,
    `detector ${pipeline.detector.description}, model ${pipeline.classifier.card.name} (${pipeline.classifier.precision})`,
    ...summary.personLines(),
    '',
  ].join('\n');
}

/** Waits for a slow reader (`| less`) instead of filling memory. */
async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

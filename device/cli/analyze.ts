import { once } from 'node:events';
import { Command } from 'commander';
import { openSource } from '../camera/open.ts';
import type { FrameSource } from '../camera/source.ts';
import type { Config } from '../config/schema.ts';
import { exitCode, MienError } from '../core/errors.ts';
import type { Face, Probabilities } from '../core/types.ts';
import { createPipeline, facesOf, type Pipeline } from '../vision/pipeline.ts';
import { Summary } from './analyze/summary.ts';
import { configOf, configOptions, modelsDirOf, offline, reproducible, wholeNumber } from './options.ts';
import { Progress } from './progress.ts';
import { UntilDecided } from './until-decided.ts';

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
  const source = await openSource(spec, { ...config.camera, loop: false, pace: 'max' });
  const pipeline = await createPipeline({
    ...config,
    detect: offline(config.detect),
    classify: reproducible(config.classify),
    // Of a folder of pictures each may show somebody else: a face is one at its first sight.
    track: { ...config.track, ...(source.info.pictures && { confirmMs: 0 }) },
    modelsDir: modelsDirOf(config),
  });
  for (const remark of [pipeline.warning, pipeline.note]) if (remark) process.stderr.write(`mien: ${remark}\n`);
  const progress = new Progress(
    'frames',
    finite(Math.min(source.info.frameCount ?? Number.POSITIVE_INFINITY, maxFrames)),
  );
  const summary = new Summary();
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());

  const undecided = new UntilDecided<SeenFrame>();
  let frames = 0;
  const report = async (decided: readonly SeenFrame[]) => {
    for (const line of decided.map(lineOf)) {
      summary.add(line.t, line.faces);
      if (json) await print(`${JSON.stringify(line)}\n`);
    }
  };

  try {
    while (frames < maxFrames && !interrupted.signal.aborted) {
      const seen = await nextFrame(source, pipeline, interrupted.signal);
      if (!seen) break;
      frames += 1;
      await report(undecided.add(seen));
      if (!json) progress.update(frames);
    }
    await report(undecided.rest());
  } finally {
    source.close();
    progress.finish();
  }

  if (!json) await print(describe(spec, summary, source, pipeline));
  if (!interrupted.signal.aborted) requireWhole(spec, summary.frames, Math.min(source.info.frameCount ?? 0, maxFrames));
}

/** What could be decoded was printed; a recording that stops short of its own frame count must not pass for a whole one. */
function requireWhole(spec: string, frames: number, promised: number): void {
  // Containers count by duration and are off by a frame or two.
  if (frames >= promised * 0.98 - 2) return;
  throw new MienError(`${spec} ended early: ${frames} of ${promised} frames could be decoded`, {
    code: exitCode.badData,
    remedy: 'The file is damaged or incomplete; copy or record it again',
  });
}

type SeenFrame = NonNullable<Awaited<ReturnType<typeof nextFrame>>>;

async function nextFrame(source: FrameSource, pipeline: Pipeline, signal: AbortSignal) {
  const frame = await source.read(signal);
  if (!frame) return undefined;
  const { index, t, mat } = frame;
  const sights = await pipeline.processAll(mat, t * 1000);
  const seen = { index, t, width: mat.cols, height: mat.rows, sights };
  mat.release();
  return seen;
}

/** One line of `--json`; times and boxes rounded to what they are worth. */
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
    `${spec}: ${summary.frames} frames of ${width}x${height}, faces in ${summary.framesWithFace}, at most ${summary.mostFaces} at once`,
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

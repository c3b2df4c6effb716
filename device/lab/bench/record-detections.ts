/**
 * Prints the detections in recordings, without tracking: one JSON line per frame, for fixtures of the tracker's tests and for
 * tuning its thresholds.
 *
 *   node device/lab/dist/lab/bench/record-detections.js clip.mp4 --min-score 0.3 --input-width 640
 */
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { openSource } from '../../camera/open.ts';
import { wholeNumber } from '../../cli/options.ts';
import { packageRoot } from '../../core/paths.ts';
import type { Detection } from '../../core/types.ts';
import { chooseDetector } from '../../detect/choose.ts';

const command = new Command('record-detections')
  .argument('<source>', 'a video file, a folder of images or demo')
  .option('--min-score <score>', 'least score of a face', share, 0.3)
  .option('--input-width <pixels>', 'width at which YuNet looks at the frame', wholeNumber, 640)
  .option('--models <folder>', 'folder that holds YuNet', join(packageRoot, 'models'))
  .parse();
const [spec] = command.args as [string];
const { minScore, inputWidth, models } = command.opts<{ minScore: number; inputWidth: number; models: string }>();

const detect = { detector: 'yunet', modelsDir: models, minScore, minFace: 12, inputWidth } as const;
const { detector } = chooseDetector(detect);
const source = await openSource(spec, { width: 640, height: 480, fps: 30, loop: false, pace: 'max' });
const never = new AbortController().signal;
for (let frame = await source.read(never); frame; frame = await source.read(never)) {
  const detections = await detector.detect(frame.mat);
  frame.mat.release();
  process.stdout.write(`${JSON.stringify({ ms: Math.round(frame.t * 1000), faces: detections.map(compact) })}\n`);
}
source.close();

/** Score, box, and the landmarks in the order of their type: 15 numbers, for fixtures/recorded.ts. */
function compact({ score, box, landmarks }: Detection): number[] {
  const points = landmarks ? Object.values(landmarks).flatMap(({ x, y }) => [x, y]) : [];
  const pixels = [box.x, box.y, box.width, box.height, ...points];
  return [Number(score.toFixed(2)), ...pixels.map((value) => Number(value.toFixed(1)))];
}

function share(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < 1)) throw new InvalidArgumentError('Expected a number between 0 and 1.');
  return value;
}

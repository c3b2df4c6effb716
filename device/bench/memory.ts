/**
 * `node device/dist/bench/memory.js`: whether the memory of the vision process grows, over a source that is played again and
 * again as fast as it goes, with a viewer of each kind. Its slope is the median over all pairs of samples (Theil 1950, Sen
 * 1968), which a burst in the middle does not move.
 *
 *   node device/dist/bench/memory.js --seconds 600 --source recording.avi
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { pino } from 'pino';
import { seconds } from '../cli/options.ts';
import { configSchema } from '../config/schema.ts';
import { shippedModelsDir } from '../core/manifest.ts';
import { StateBoard } from '../core/state.ts';
import { privateMemoryMb } from '../vision/memory.ts';
import { visionSettings } from '../vision/messages.ts';
import { VisionSupervisor } from '../vision/supervisor.ts';

/** Caches fill and the heap finds its size in the first frames. */
const warmUpSeconds = 20;

interface Sample {
  readonly frames: number;
  readonly memoryMb: number;
}

const options = new Command('memory')
  .option('--seconds <n>', 'length of the run after the warm-up', seconds, 120)
  .option('--source <spec>', 'what is played, see camera.source', 'demo')
  .parse()
  .opts<{ seconds: number; source: string }>();

const config = configSchema.parse({ camera: { source: options.source, pace: 'max', fps: 120 } });
const board = new StateBoard(options.source);
let frames = 0;
const supervisor = new VisionSupervisor({
  settings: visionSettings(config, shippedModelsDir),
  memoryLimitMb: config.vision.memoryLimitMb,
  board,
  log: pino({ level: 'warn' }, pino.destination(2)),
  onReading: () => {
    frames += 1;
  },
});
supervisor.start();
supervisor.subscribe('plain', () => {});
supervisor.subscribe('annotated', () => {});

await sleep(warmUpSeconds * 1000);
const samples: Sample[] = [];
for (const end = performance.now() + options.seconds * 1000; performance.now() < end; await sleep(1000)) {
  const memoryMb = supervisor.pid === undefined ? undefined : privateMemoryMb(supervisor.pid);
  if (memoryMb !== undefined) samples.push({ frames, memoryMb });
}
const { restarts } = board.current.vision;
await supervisor.stop();

const first = samples[0]!;
const last = samples.at(-1)!;
process.stdout.write(
  `${options.source}: ${last.frames - first.frames} frames, ${first.memoryMb} MB at first, ${last.memoryMb} MB at last, ` +
    `${(slopeOf(samples) * 1e6).toFixed(1)} bytes a frame, ${restarts} restarts\n`,
);

/** In MB a frame. */
function slopeOf(all: readonly Sample[]): number {
  const slopes = all.flatMap((a, index) =>
    all.slice(index + 1).flatMap((b) => (b.frames > a.frames ? (b.memoryMb - a.memoryMb) / (b.frames - a.frames) : [])),
  );
  return slopes.sort((a, b) => a - b)[slopes.length >> 1] ?? Number.NaN;
}

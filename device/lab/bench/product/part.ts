import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../../config/schema.ts';
import { yunetFile } from '../../../detect/choose.ts';
import { encodeJpeg } from '../../../vision/jpeg.ts';
import { createPipeline } from '../../../vision/pipeline.ts';
import type { Report } from '../report.ts';
import { type SceneClip, SceneMaker, takeIngredients, writeScene } from '../scene.ts';
import { withScratchFolder } from '../scratch.ts';
import { prepareKernels } from '../stages/kernels.ts';
import { preparePass } from '../stages/overhead.ts';
import type { Row } from '../table.ts';
import type { Target } from '../targets.ts';
import { Daemon } from './daemon.ts';
import { HangingCamera } from './hanging-camera.ts';
import { hangCamera, harmVision, type Recovery } from './recovery.ts';
import { type RunOptions, type RunResult, runProduct } from './run.ts';
import { Subscriber } from './subscriber.ts';

export interface ProductOptions {
  readonly config: Config;
  readonly modelsDir: string;
  /** Duration of each run, in s. */
  readonly seconds: number;
  /** Flags of `mien run`. */
  readonly flags: readonly string[];
}

/** A planned run, and the clip for the bare kernels if they are measured too. */
type Planned = Pick<RunOptions, 'name' | 'source' | 'pace' | 'viewers' | 'probesHealth' | 'isAttacked'> & {
  readonly besideKernels?: SceneClip;
  /** Minimum duration: the system counts CPU time in steps of 10 ms, and 3 % of a core for 12 s are only 36 steps. */
  readonly minSeconds?: number;
};

const vga = { width: 640, height: 480 };

const names = {
  one: 'one face, unpaced',
  oneWatched: 'one face, unpaced, a viewer',
  eight: 'eight faces, unpaced',
  onePaced: 'one face, 10 frames/s',
  nobodyPaced: 'nobody, 10 frames/s',
  demo: 'demo clip, 24 frames/s, a viewer',
  crowd: 'the same, twenty viewers',
  attacked: 'the same, a viewer and hostile uploads',
} as const;

/** `npm run bench -- product`: the daemon as a whole, measured from outside, and its recovery from faults. */
export async function benchProduct(options: ProductOptions, report: Report): Promise<void> {
  await withScratchFolder(async (folder) => {
    const clips = await makeClips(folder, options.modelsDir);
    const subscriber = await Subscriber.start();
    const runs: RunResult[] = [];
    try {
      for (const planned of plan(clips)) runs.push(await measure(planned, options, subscriber));
    } finally {
      await subscriber.stop();
    }
    report.table('The whole product at 640x480, both processes together', runs.map(runRow));
    const recoveries = await measureRecoveries(clips, options);
    report.table('Recovery from faults', recoveries.map(recoveryRow));
    report.targets([...runTargets(runs), ...recoveryTargets(recoveries)]);
    report.json('product', { runs, recoveries });
  });
}

interface Clips {
  readonly one: SceneClip;
  readonly eight: SceneClip;
  readonly onePaced: SceneClip;
  readonly nobodyPaced: SceneClip;
  /** One face, as JPEG files. */
  readonly pictures: readonly Uint8Array[];
}

async function makeClips(folder: string, modelsDir: string): Promise<Clips> {
  const ingredients = await takeIngredients(modelsDir);
  const write = (faces: number, fps: number) =>
    writeScene({ ...vga, faces }, ingredients, { folder, frames: 240, fps });
  const maker = new SceneMaker({ ...vga, faces: 1 }, ingredients);
  const pictures = Array.from({ length: 75 }, (_, index) => {
    const frame = maker.frame(index);
    const picture = encodeJpeg(frame, 90);
    frame.release();
    return picture;
  });
  maker.close();
  const clips = { one: write(1, 30), eight: write(8, 30), onePaced: write(1, 10), nobodyPaced: write(0, 10), pictures };
  ingredients.face.release();
  ingredients.background.release();
  return clips;
}

function plan({ one, eight, onePaced, nobodyPaced }: Clips): Planned[] {
  return [
    { name: names.one, source: one.file, pace: 'max', viewers: 0, besideKernels: one },
    { name: names.oneWatched, source: one.file, pace: 'max', viewers: 1 },
    { name: names.eight, source: eight.file, pace: 'max', viewers: 0, besideKernels: eight },
    { name: names.onePaced, source: onePaced.file, pace: 'source', viewers: 0 },
    { name: names.nobodyPaced, source: nobodyPaced.file, pace: 'source', viewers: 0, minSeconds: 45 },
    { name: names.demo, source: 'demo', pace: 'source', viewers: 1, probesHealth: true },
    { name: names.crowd, source: 'demo', pace: 'source', viewers: 20 },
    { name: names.attacked, source: 'demo', pace: 'source', viewers: 1, isAttacked: true },
  ];
}

async function measure(planned: Planned, options: ProductOptions, subscriber: Subscriber): Promise<RunResult> {
  const { besideKernels, minSeconds = 0, ...run } = planned;
  const kernels = besideKernels && (await kernelsOf(besideKernels, options));
  const seconds = Math.max(options.seconds, minSeconds);
  return runProduct({ ...run, seconds, flags: options.flags, kernels }, subscriber);
}

/** The cost of the bare kernels, measured over about one second of frames, for `runProduct`. */
async function kernelsOf(clip: SceneClip, { config, modelsDir }: ProductOptions): Promise<RunOptions['kernels']> {
  if (!existsSync(join(modelsDir, yunetFile))) return undefined;
  const pipeline = await createPipeline({ ...config, modelsDir });
  await preparePass(pipeline, config.camera)(clip);
  const kernels = await prepareKernels({ modelsDir, pipeline });
  const { sum } = await kernels(clip);
  return async () => (await kernels(clip, Math.ceil(1000 / sum))).sum;
}

async function measureRecoveries(clips: Clips, { flags }: ProductOptions): Promise<Recovery[]> {
  const start = (source: string) =>
    Daemon.start({ 'mqtt.enabled': false, 'camera.pace': 'source', 'camera.source': source }, flags);
  const recoveries: Recovery[] = [];
  for (const signal of ['SIGKILL', 'SIGSTOP'] as const)
    recoveries.push(await withDaemon(await start('demo'), (daemon) => harmVision(daemon, signal)));
  for (const deafOpenings of [0, 1]) {
    const camera = await HangingCamera.start(clips.pictures, 15);
    try {
      const watching = await start(camera.url);
      recoveries.push(await withDaemon(watching, (daemon) => hangCamera(daemon, camera, deafOpenings)));
    } finally {
      await camera.stop();
    }
  }
  return recoveries;
}

async function withDaemon<T>(daemon: Daemon, work: (daemon: Daemon) => Promise<T>): Promise<T> {
  try {
    return await work(daemon);
  } finally {
    await daemon.stop();
  }
}

function runRow(run: RunResult): Row {
  return {
    run: run.run,
    'frames/s': run.framesPerSecond,
    'dropped/s': run.droppedPerSecond,
    'viewer fps': run.viewerFps,
    'CPU ms/frame': run.cpuMsPerFrame,
    '/ kernels': kernelRatio(run),
    '% of a core': 100 * run.coresBusy,
    'memory MB': run.memoryMb,
    'first reading s': run.firstReadingSeconds,
    'to viewer p95 ms': run.viewerLatencyMs,
    'to MQTT p95 ms': run.mqttLatencyMs,
    'healthz p99 ms': run.healthP99Ms,
    uploads: run.uploads,
  };
}

function kernelRatio({ cpuMsPerFrame, kernelMsPerFrame = Number.NaN }: RunResult): number {
  return cpuMsPerFrame / kernelMsPerFrame;
}

function recoveryRow({ fault, seconds, viewerStayed, reason = '' }: Recovery): Row {
  return { fault, 'next reading after s': seconds, 'page stayed connected': viewerStayed ? 'yes' : 'NO', reason };
}

function runTargets(runs: readonly RunResult[]): Target[] {
  const of = (name: string) => runs.find(({ run }) => run === name)!;
  const demo = of(names.demo);
  const one = { limit: { most: 1.25 }, what: 'product / bare kernels, CPU, 1 face' };
  const eight = { limit: { most: 1.25 }, what: 'product / bare kernels, CPU, 8 faces' };
  return [
    { ...one, measured: kernelRatio(of(names.one)) },
    { ...eight, measured: kernelRatio(of(names.eight)) },
    { what: names.one, measured: of(names.one).framesPerSecond, limit: { least: 90 }, unit: 'frames/s' },
    { what: names.onePaced, measured: 100 * of(names.onePaced).coresBusy, limit: { most: 12 }, unit: '% of a core' },
    {
      what: names.nobodyPaced,
      measured: 100 * of(names.nobodyPaced).coresBusy,
      limit: { most: 3 },
      unit: '% of a core',
    },
    { what: 'captured to viewer, p95', measured: demo.viewerLatencyMs, limit: { most: 30 }, unit: 'ms' },
    { what: 'captured to MQTT, p95', measured: demo.mqttLatencyMs, limit: { most: 30 }, unit: 'ms' },
    { what: 'memory with a viewer', measured: demo.memoryMb, limit: { most: 300 }, unit: 'MB' },
    ...[names.crowd, names.attacked].map((name) => ({
      what: `${name}: frames that a viewer gets, against one alone`,
      measured: of(name).viewerFps / demo.viewerFps,
      limit: { least: 0.97 },
    })),
    { what: 'hostile uploads not refused', measured: of(names.attacked).uploadsNotRefused, limit: { exactly: 0 } },
  ];
}

function recoveryTargets(recoveries: readonly Recovery[]): Target[] {
  return recoveries.flatMap(({ fault, seconds, target }) =>
    target === undefined ? [] : [{ what: fault, measured: seconds, limit: { most: target }, unit: 's' }],
  );
}

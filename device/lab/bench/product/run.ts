import { setTimeout as sleep } from 'node:timers/promises';
import { mean, quantile } from '../statistics.ts';
import { Attack } from './attack.ts';
import { Daemon } from './daemon.ts';
import { cpuSeconds, memoryMb } from './processes.ts';
import type { Subscriber } from './subscriber.ts';
import { Viewer } from './viewer.ts';

export interface RunOptions {
  readonly name: string;
  /** A value of `camera.source`. */
  readonly source: string;
  readonly pace: 'max' | 'source';
  readonly viewers: number;
  readonly seconds: number;
  /** Flags of `mien run`. */
  readonly flags: readonly string[];
  /** Request /healthz continuously, which shows whether the daemon blocks, but costs CPU time. */
  readonly probesHealth?: boolean;
  /** An attacker uploads hostile pictures during the run, one after the other. */
  readonly isAttacked?: boolean;
  /**
   * Measures the cost of the bare kernels, in CPU ms a frame. It runs in turns with the product, which is suspended meanwhile:
   * the speed of a machine may change by 25 % from one second to the next.
   */
  readonly kernels?: () => Promise<number>;
}

export interface RunResult {
  readonly run: string;
  /** Frames from the source to the sinks, including those that were not decoded because the scene was empty. */
  readonly framesPerSecond: number;
  readonly droppedPerSecond: number;
  readonly viewerFps: number;
  /** Sum over all processes. */
  readonly cpuMsPerFrame: number;
  /** Only with `kernels`. */
  readonly kernelMsPerFrame: number | undefined;
  readonly coresBusy: number;
  /** Peak memory of all processes together; see `memoryMb`. */
  readonly memoryMb: number;
  readonly firstReadingSeconds: number;
  /** p95 in ms from the capture of a frame to its arrival at a viewer with its picture, and at an MQTT client. */
  readonly viewerLatencyMs: number;
  readonly mqttLatencyMs: number;
  readonly healthP99Ms: number;
  /** Number of hostile pictures sent, and of those answered with another status than 4xx. */
  readonly uploads: number;
  readonly uploadsNotRefused: number;
}

/**
 * Warm-up, until runtimes are chosen, caches are warm and code is compiled. V8 compiles code that runs often, which takes
 * longer at low frame rates (empty scene, 10 frames a second: 3.7 % of a core 6 s after the start, 2.6 % after 45 s).
 */
const settleMs = { max: 3000, source: 30_000 } as const;
const sampleMs = 500;
/** Duration of each turn of the product between turns of the kernels. */
const turnSeconds = 1;
/** Time to drain the queues after the product was suspended. */
const resumeMs = 300;

/** Runs the whole product on a source and measures it from outside. */
export async function runProduct(options: RunOptions, subscriber: Subscriber): Promise<RunResult> {
  const settings = {
    'camera.source': options.source,
    'camera.pace': options.pace,
    // The upper limit of any source.
    'camera.fps': 120,
    'mqtt.url': subscriber.url,
    'mqtt.readingMs': 100,
  };
  const daemon = await Daemon.start(settings, options.flags);
  try {
    const { afterMs } = await daemon.until(() => true);
    const viewers = Array.from({ length: options.viewers }, () => new Viewer(daemon.origin));
    await sleep(settleMs[options.pace]);
    const attack = options.isAttacked ? Attack.start(daemon.origin) : undefined;
    const turns = await takeTurns({ daemon, viewers, subscriber }, options);
    const { vision } = await daemon.state();
    const { uploads = 0, uploadsNotRefused = 0 } = (await attack?.end()) ?? {};
    for (const viewer of viewers) viewer.close();
    return {
      run: options.name,
      ...pooled(turns, vision.droppedFps ?? 0),
      firstReadingSeconds: afterMs / 1000,
      uploads,
      uploadsNotRefused,
    };
  } finally {
    await daemon.stop();
  }
}

interface Watched {
  readonly daemon: Daemon;
  readonly viewers: readonly Viewer[];
  readonly subscriber: Subscriber;
}

/** Figures of one measurement. */
interface Turn {
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Including dropped frames. */
  readonly frames: number;
  readonly memoryMb: number;
  /** Frames of each viewer. */
  readonly viewed: readonly number[];
  readonly viewerLatencies: readonly number[];
  readonly mqttLatencies: readonly number[];
  readonly health: readonly number[];
  readonly kernelMs: number | undefined;
}

async function takeTurns(watched: Watched, options: RunOptions): Promise<Turn[]> {
  const { seconds, kernels } = options;
  const count = kernels ? Math.ceil(seconds / turnSeconds) : 1;
  const turns: Turn[] = [];
  for (let index = 0; index < count; index++) {
    const turn = await measure(watched, { ...options, seconds: seconds / count });
    const kernelMs = kernels && (await watched.daemon.whileStopped(kernels));
    turns.push({ ...turn, kernelMs });
    if (kernels) await sleep(resumeMs);
  }
  return turns;
}

async function measure(
  { daemon, viewers, subscriber }: Watched,
  { seconds, probesHealth }: Pick<RunOptions, 'seconds' | 'probesHealth'>,
): Promise<Omit<Turn, 'kernelMs'>> {
  const { pids } = daemon;
  const takeLatencies = () => viewers.flatMap((viewer) => viewer.takeLatencies());
  takeLatencies();
  subscriber.takeLatencies();
  const seenBefore = viewers.map(({ frames }) => frames);
  const before = { at: performance.now(), frame: (await daemon.reading())!.frame, cpu: cpuSeconds(pids) };
  const health: number[] = [];
  let peakMemory = 0;
  let sampledAt = 0;
  while (performance.now() - before.at < seconds * 1000) {
    if (performance.now() - sampledAt >= sampleMs) {
      peakMemory = Math.max(peakMemory, memoryMb(pids));
      sampledAt = performance.now();
    }
    if (probesHealth) health.push(await timeOf(`${daemon.origin}/healthz`));
    await sleep(probesHealth ? 20 : sampleMs / 5);
  }
  return {
    seconds: (performance.now() - before.at) / 1000,
    cpuSeconds: cpuSeconds(pids) - before.cpu,
    frames: (await daemon.reading())!.frame - before.frame,
    memoryMb: peakMemory,
    viewed: viewers.map(({ frames }, index) => frames - seenBefore[index]!),
    viewerLatencies: takeLatencies(),
    mqttLatencies: subscriber.takeLatencies(),
    health,
  };
}

function pooled(turns: readonly Turn[], droppedPerSecond: number) {
  const sum = (of: (turn: Turn) => number) => turns.reduce((total, turn) => total + of(turn), 0);
  const seconds = sum((turn) => turn.seconds);
  const cpu = sum((turn) => turn.cpuSeconds);
  const frames = sum((turn) => turn.frames);
  const viewed = turns[0]!.viewed.map((_, viewer) => sum((turn) => turn.viewed[viewer]!) / seconds);
  const kernelMs = turns.flatMap((turn) => turn.kernelMs ?? []);
  const p95 = (latencies: readonly number[]) => quantile(latencies, 0.95);
  return {
    framesPerSecond: frames / seconds - droppedPerSecond,
    droppedPerSecond,
    viewerFps: Math.min(...viewed, Number.POSITIVE_INFINITY),
    cpuMsPerFrame: (1000 * cpu) / (frames - droppedPerSecond * seconds),
    kernelMsPerFrame: kernelMs.length > 0 ? mean(kernelMs) : undefined,
    coresBusy: cpu / seconds,
    memoryMb: Math.max(...turns.map((turn) => turn.memoryMb)),
    viewerLatencyMs: p95(turns.flatMap((turn) => turn.viewerLatencies)),
    mqttLatencyMs: p95(turns.flatMap((turn) => turn.mqttLatencies)),
    healthP99Ms: quantile(
      turns.flatMap((turn) => turn.health),
      0.99,
    ),
  };
}

async function timeOf(url: string): Promise<number> {
  const start = performance.now();
  await (await fetch(url)).arrayBuffer();
  return performance.now() - start;
}

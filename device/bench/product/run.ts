import { setTimeout as sleep } from 'node:timers/promises';
import { quantile } from '../statistics.ts';
import { Attack } from './attack.ts';
import { Daemon } from './daemon.ts';
import { cpuSeconds, memoryMb } from './processes.ts';
import type { Subscriber } from './subscriber.ts';
import { Viewer } from './viewer.ts';

export interface RunOptions {
  readonly name: string;
  /** As `camera.source` takes it. */
  readonly source: string;
  readonly pace: 'max' | 'source';
  readonly viewers: number;
  readonly seconds: number;
  /** Of `mien run`. */
  readonly flags: readonly string[];
  /** Ask for /healthz all the time, as no supervisor would: it costs CPU time, and shows whether the daemon blocks. */
  readonly probesHealth?: boolean;
  /** Somebody who means no good sends pictures all the while, one after the other. */
  readonly isAttacked?: boolean;
}

export interface RunResult {
  readonly run: string;
  /** From the source to the sinks; those too that went by unopened because nobody was there. */
  readonly framesPerSecond: number;
  readonly droppedPerSecond: number;
  readonly viewerFps: number;
  /** Of all processes together. */
  readonly cpuMsPerFrame: number;
  readonly coresBusy: number;
  /** The most that all processes together had; see `memoryMb`. */
  readonly memoryMb: number;
  readonly firstReadingSeconds: number;
  /** p95 in ms from the capture of a frame to its arrival at a viewer with its picture, and at an MQTT client. */
  readonly viewerLatencyMs: number;
  readonly mqttLatencyMs: number;
  readonly healthP99Ms: number;
  /** Hostile pictures that were sent, and answered with anything but a 4xx. */
  readonly uploads: number;
  readonly uploadsNotRefused: number;
}

/**
 * Until the runtimes are chosen, the caches warm and the code compiled: V8 compiles what has run often, which takes longer the
 * fewer frames there are (nobody there, 10 frames a second: 3.7 % of a core 6 s after the start, 2.6 % after 45 s).
 */
const settleMs = { max: 3000, source: 30_000 } as const;
const sampleMs = 500;

/** Runs the whole product on a source and measures it from outside. */
export async function runProduct(options: RunOptions, subscriber: Subscriber): Promise<RunResult> {
  const settings = {
    'camera.source': options.source,
    'camera.pace': options.pace,
    // The upper bound of any source.
    'camera.fps': 120,
    'mqtt.url': subscriber.url,
    'mqtt.readingMs': 100,
  };
  const daemon = await Daemon.start(settings, options.flags);
  try {
    const { afterMs } = await daemon.until(() => true);
    const viewers = Array.from({ length: options.viewers }, () => new Viewer(daemon.origin));
    await sleep(settleMs[options.pace]);
    for (const each of [...viewers, subscriber]) each.takeLatencies();
    const attack = options.isAttacked ? Attack.start(daemon.origin) : undefined;
    const measured = await measure(daemon, viewers, options);
    const { uploads = 0, uploadsNotRefused = 0 } = (await attack?.end()) ?? {};
    const viewerLatencies = viewers.flatMap((viewer) => viewer.takeLatencies());
    for (const viewer of viewers) viewer.close();
    return {
      run: options.name,
      ...measured,
      firstReadingSeconds: afterMs / 1000,
      viewerLatencyMs: quantile(viewerLatencies, 0.95),
      mqttLatencyMs: quantile(subscriber.takeLatencies(), 0.95),
      uploads,
      uploadsNotRefused,
    };
  } finally {
    await daemon.stop();
  }
}

async function measure(daemon: Daemon, viewers: readonly Viewer[], { seconds, probesHealth }: RunOptions) {
  const { pids } = daemon;
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
  const elapsed = (performance.now() - before.at) / 1000;
  const cpu = cpuSeconds(pids) - before.cpu;
  const frames = (await daemon.reading())!.frame - before.frame;
  const { vision } = await daemon.state();
  const viewed = viewers.map((viewer, index) => (viewer.frames - seenBefore[index]!) / elapsed);
  const dropped = vision.droppedFps ?? 0;
  return {
    // The number of a frame counts those too that were dropped.
    framesPerSecond: frames / elapsed - dropped,
    droppedPerSecond: dropped,
    viewerFps: Math.min(...viewed, Number.POSITIVE_INFINITY),
    cpuMsPerFrame: (1000 * cpu) / (frames - dropped * elapsed),
    coresBusy: cpu / elapsed,
    memoryMb: peakMemory,
    healthP99Ms: quantile(health, 0.99),
  };
}

async function timeOf(url: string): Promise<number> {
  const start = performance.now();
  await (await fetch(url)).arrayBuffer();
  return performance.now() - start;
}

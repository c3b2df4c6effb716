import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { wait } from '../../../core/clock.ts';
import { packageRoot } from '../../../core/paths.ts';
import { Daemon } from '../product/daemon.ts';
import { memoryMb } from '../product/processes.ts';
import { Viewer } from '../product/viewer.ts';
import type { Report } from '../report.ts';
import { SoakProgress } from './progress.ts';
import { readSamples, type SoakSample, writeSample } from './samples.ts';
import { judge, soakTargets, verdictRows } from './verdict.ts';

export interface SoakOptions {
  readonly flags: readonly string[];
  readonly minutes: number;
  /** Minimum number of frames, whatever the duration. */
  readonly frames: number;
  /** A value of `camera.source`, played repeatedly. */
  readonly source: string;
  /** Samples to evaluate instead of a new run. */
  readonly from: string | undefined;
}

const sampleMs = 2000;

/** `npm run bench -- soak`: runs the product with viewers at full speed and measures the growth of its memory. */
export async function benchSoak({ from, ...options }: SoakOptions, report: Report): Promise<void> {
  const samples = from === undefined ? await soak(options, report) : readSamples(from);
  const verdict = judge(samples);
  const { frames, judged, seconds, peakMb } = verdict;
  const length = `${frames} frames in ${(seconds / 60).toFixed(1)} minutes, at most ${peakMb.toFixed(0)} MB`;
  report.table(`Memory over ${length}; growth is that of the last ${judged} frames`, verdictRows(verdict));
  report.targets(soakTargets(verdict));
  report.json('soak', { ...verdict, samples });
}

async function soak(options: Omit<SoakOptions, 'from'>, report: Report): Promise<SoakSample[]> {
  const { flags, source } = options;
  const file = sampleFile();
  report.say(`Samples go to ${file}; after a cut: npm run bench -- soak --from ${file}`);
  const stop = new AbortController();
  // Ctrl-C ends the run early, with a verdict on the samples so far.
  const end = () => stop.abort();
  process.once('SIGINT', end).once('SIGTERM', end);
  const settings = { 'camera.source': source, 'camera.pace': 'max', 'camera.fps': 120, 'mqtt.enabled': false };
  const daemon = await Daemon.start(settings, flags);
  const progress = new SoakProgress(options);
  const samples: SoakSample[] = [];
  try {
    await daemon.until(() => true);
    const viewer = new Viewer(daemon.origin);
    const player = playStream(daemon.origin, stop.signal);
    // Without the player the product has less work, so end the run. The fault is reported where the player is awaited.
    player.catch(end);
    const startedAt = performance.now();
    const count = new FrameCount();
    while (!stop.signal.aborted && !progress.isDone((performance.now() - startedAt) / 1000, samples.at(-1))) {
      await wait(sampleMs, stop.signal);
      const sample = look(daemon, viewer, count, (performance.now() - startedAt) / 1000);
      if (!sample) continue;
      samples.push(sample);
      writeSample(file, sample);
      progress.show(sample);
    }
    viewer.close();
    stop.abort();
    await player;
  } finally {
    stop.abort();
    progress.finish();
    process.off('SIGINT', end).off('SIGTERM', end);
    await daemon.stop();
  }
  return samples;
}

/**
 * A player of the stream with drawn boxes, in addition to the page, so that both kinds of picture are encoded. It ends with the
 * signal.
 *
 * @throws Error if the stream ends earlier for any reason
 */
async function playStream(origin: string, signal: AbortSignal): Promise<void> {
  let reason: unknown = 'the daemon ended it';
  try {
    const { body } = await fetch(`${origin}/stream.mjpeg`, { signal });
    for await (const _ of body!);
  } catch (error) {
    reason = error;
  }
  if (!signal.aborted) throw new Error(`The daemon's stream broke off (${String(reason)})`, { cause: reason });
}

function sampleFile(): string {
  const folder = join(packageRoot, '.mien', 'bench');
  mkdirSync(folder, { recursive: true });
  return join(folder, `soak-${new Date().toISOString().replaceAll(/[:.]/g, '-')}.jsonl`);
}

/**
 * Takes a sample without requests: the data comes from the page or from the system. Requests every 2 s would add work that no
 * page causes. V8 would also compile this rarely called code during most of the run, which takes memory.
 *
 * @returns undefined before the first picture, and while no vision process is running
 * @throws Error if the page has lost its connection, because no more data would arrive
 */
function look(daemon: Daemon, viewer: Viewer, count: FrameCount, seconds: number): SoakSample | undefined {
  if (!viewer.isConnected) throw new Error(`The daemon left its page after ${seconds.toFixed(0)} s`);
  viewer.takeLatencies();
  const { newest, state } = viewer;
  const [own, visionPid] = daemon.pids;
  if (!newest || !state || own === undefined || visionPid === undefined) return undefined;
  const [daemonMb, visionMb] = [memoryMb([own]), memoryMb([visionPid])];
  return { seconds, frames: count.upTo(newest.frame), daemonMb, visionMb, restarts: state.vision.restarts };
}

/** Frame numbers restart with the vision process. */
class FrameCount {
  #before = 0;
  #newest = 0;

  upTo(frame: number): number {
    if (frame < this.#newest) this.#before += this.#newest;
    this.#newest = frame;
    return this.#before + frame;
  }
}

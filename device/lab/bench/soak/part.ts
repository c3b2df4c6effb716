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
  /** It goes on until there were as many, however long that takes. */
  readonly frames: number;
  /** As `camera.source` takes it; played again and again. */
  readonly source: string;
  /** Samples to judge instead of a new run. */
  readonly from: string | undefined;
}

const sampleMs = 2000;

/** `npm run bench -- soak`: the product with viewers as fast as it can, and whether its memory grows with the frames. */
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
  // Ctrl-C ends the run early, with the verdict on what there is.
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
    // Without it the product would have less to do: the run ends, and says so where the player is waited for.
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
 * A player of the stream with boxes burnt in, beside the page: both kinds of picture are encoded. Ends with the signal.
 *
 * @throws Error when the stream ends before, in whatever way
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
 * Looks on without asking: what it needs comes to the page, or from the system. Requests every two seconds would be work that no
 * page makes, and V8 takes most of the run to compile what is called so seldom, which is memory of its own.
 *
 * @returns undefined before the first picture, and while the vision process is away
 * @throws Error when the page has lost the daemon: nothing would come any more
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

/** The numbers of frames start anew with the vision process. */
class FrameCount {
  #before = 0;
  #newest = 0;

  upTo(frame: number): number {
    if (frame < this.#newest) this.#before += this.#newest;
    this.#newest = frame;
    return this.#before + frame;
  }
}

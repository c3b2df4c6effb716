import { type Trend, trendOf } from '../statistics.ts';
import type { Row } from '../table.ts';
import type { Target } from '../targets.ts';
import type { SoakSample } from './samples.ts';

/** Share of the run that counts as warm-up (caches, compiled code, pools of allocators) and not as a leak. */
const warmUpShare = 0.2;
/**
 * Frames of the project's target. In longer runs only the last 200,000 frames count: V8 compiles rarely called code for 25
 * minutes and more. Two snapshots of the heap, 10 minutes and 59,000 frames apart, differ by 257 KB of compiled code and its
 * metadata, and by no object, string or array.
 */
const targetFrames = 200_000;
/** Growth that counts as none: less than one memory page in 50 frames, or 16 MB in 200,000 frames. */
const maxGrowthMb = 16;

export interface Verdict {
  readonly seconds: number;
  readonly frames: number;
  /** Number of the last frames for the trend. */
  readonly judged: number;
  readonly restarts: number;
  readonly peakMb: number;
  /** In MB per 200,000 frames; undefined with too few samples. */
  readonly total: Trend | undefined;
  readonly daemon: Trend | undefined;
  readonly vision: Trend | undefined;
}

export function judge(samples: readonly SoakSample[]): Verdict {
  const last = samples.at(-1);
  const frames = last?.frames ?? 0;
  const judged = Math.min(targetFrames, Math.round((1 - warmUpShare) * frames));
  const settled = samples.filter((sample) => sample.frames >= frames - judged);
  const trend = (memoryOf: (sample: SoakSample) => number) =>
    trendOf(settled.map((sample) => ({ x: sample.frames / targetFrames, y: memoryOf(sample) })));
  const total = ({ daemonMb, visionMb }: SoakSample) => daemonMb + visionMb;
  return {
    seconds: last?.seconds ?? 0,
    frames,
    judged,
    restarts: last?.restarts ?? 0,
    peakMb: Math.max(0, ...samples.map(total)),
    total: trend(total),
    daemon: trend(({ daemonMb }) => daemonMb),
    vision: trend(({ visionMb }) => visionMb),
  };
}

export function verdictRows({ total, daemon, vision }: Verdict): Row[] {
  const row = (process: string, trend: Trend | undefined): Row => ({
    process,
    'growth, MB per 200,000 frames': trend?.slope ?? Number.NaN,
    'from (95 %)': trend?.low ?? Number.NaN,
    'to (95 %)': trend?.high ?? Number.NaN,
  });
  return [row('daemon', daemon), row('vision process', vision), row('both', total)];
}

/**
 * No growth: the interval contains zero, or the growth is below the limit that matters. A short run has a wide interval and
 * proves nothing, so the number of frames is a separate target.
 */
export function soakTargets({ frames, restarts, total, peakMb }: Verdict): Target[] {
  return [
    { what: 'frames', measured: frames, limit: { least: targetFrames } },
    {
      what: 'growth of memory that is certain (95 %)',
      measured: total ? Math.max(0, total.low) : Number.NaN,
      limit: { most: 0 },
      unit: 'MB per 200,000 frames',
    },
    {
      what: 'growth of memory that is possible (95 %)',
      measured: total?.high ?? Number.NaN,
      limit: { most: maxGrowthMb },
      unit: 'MB per 200,000 frames',
    },
    { what: 'most memory', measured: peakMb, limit: { most: 300 }, unit: 'MB' },
    { what: 'restarts of the vision process', measured: restarts, limit: { exactly: 0 } },
  ];
}

import { roundedNumbers } from '../../core/decimals.ts';
import { happyShareOf, type UncertainReason, uncertain } from '../../core/labels.ts';
import type { Face, Reading, Sample } from '../../core/types.ts';

/** Sums of one track in the open interval. */
interface Tally {
  /** Frames per label. */
  readonly shown: Map<string, number>;
  /** Sum of the label's probability per label. */
  readonly certainty: Map<string, number>;
  /** Frames per reason for `uncertain`. */
  readonly reasons: Map<UncertainReason, number>;
  /** Sum of the probabilities. */
  readonly sums: Record<string, number>;
  score: number;
  frames: number;
}

/** Condenses readings to one sample per track and interval. Intervals use the monotonic clock of the readings. */
export interface Sampler {
  /** Returns the samples of the interval if this reading closes it, otherwise none. */
  add(reading: Reading): Sample[];
  /** Closes the open interval early: at a stop, or when readings cease. */
  close(): Sample[];
}

export function createSampler(sampleMs: number): Sampler {
  let tallies = new Map<number, Tally>();
  let opened: { mono: number; ts: number } | undefined;

  function close(): Sample[] {
    const ts = opened?.ts ?? 0;
    const samples = [...tallies].map(([track, tally]) => toSample(track, tally, ts));
    tallies = new Map();
    opened = undefined;
    return samples;
  }

  return {
    close,
    add(reading) {
      // A monotonic clock that goes back belongs to a new vision process.
      const isOver = opened && (reading.mono - opened.mono >= sampleMs || reading.mono < opened.mono);
      const samples = isOver ? close() : [];
      opened ??= { mono: reading.mono, ts: Math.round(reading.ts) };
      for (const face of reading.faces) {
        const tally = tallies.get(face.track) ?? emptyTally();
        tallies.set(face.track, count(tally, face));
      }
      return samples;
    },
  };
}

function emptyTally(): Tally {
  return { shown: new Map(), certainty: new Map(), reasons: new Map(), sums: {}, score: 0, frames: 0 };
}

function count(tally: Tally, face: Face): Tally {
  const { label, reason, probability, probabilities } = face;
  const { shown, certainty, reasons, sums } = tally;
  shown.set(label, (shown.get(label) ?? 0) + 1);
  if (probability !== undefined) certainty.set(label, (certainty.get(label) ?? 0) + probability);
  if (reason) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  for (const [name, value] of Object.entries(probabilities)) sums[name] = (sums[name] ?? 0) + value;
  tally.score += face.score;
  tally.frames += 1;
  return tally;
}

function toSample(track: number, { shown, certainty, reasons, sums, score, frames }: Tally, ts: number): Sample {
  const label = dominantKey(shown)!;
  const reason = label === uncertain ? dominantKey(reasons) : undefined;
  // `uncertain` has no probability.
  const certaintySum = certainty.get(label);
  return roundedNumbers({
    ts,
    track,
    label,
    ...(reason && { reason }),
    probability: certaintySum === undefined ? null : certaintySum / shown.get(label)!,
    probabilities: Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / frames])),
    happyShare: happyShareOf(Object.fromEntries(shown)),
    score: score / frames,
    frames,
  });
}

/** The key with the highest count; the first one of equals. */
function dominantKey<Key>(counts: ReadonlyMap<Key, number>): Key | undefined {
  const entries = [...counts];
  return entries.length === 0 ? undefined : entries.reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0];
}

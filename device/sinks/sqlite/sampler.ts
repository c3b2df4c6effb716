import type { Face, Reading, Sample } from '../../core/types.ts';

/** What one track showed in the interval that is open. */
interface Tally {
  readonly shown: Map<string, number>;
  readonly sums: Record<string, number>;
  score: number;
  frames: number;
}

/** Condenses readings to one sample per track and interval. Intervals run on the readings' monotonic clock. */
export interface Sampler {
  /** Returns the samples of the interval that this reading closed, if it did. */
  add(reading: Reading): Sample[];
  /** Closes the open interval early: at the end, or when no more readings come. */
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
      // A clock that runs backwards is that of a new vision process.
      const isOver = opened && (reading.mono - opened.mono >= sampleMs || reading.mono < opened.mono);
      const samples = isOver ? close() : [];
      opened ??= { mono: reading.mono, ts: Math.round(reading.ts) };
      for (const face of reading.faces) {
        const tally = tallies.get(face.track);
        if (tally) count(tally, face);
        else tallies.set(face.track, count({ shown: new Map(), sums: {}, score: 0, frames: 0 }, face));
      }
      return samples;
    },
  };
}

function count(tally: Tally, face: Face): Tally {
  tally.shown.set(face.label, (tally.shown.get(face.label) ?? 0) + 1);
  for (const [label, value] of Object.entries(face.probabilities)) tally.sums[label] = (tally.sums[label] ?? 0) + value;
  tally.score += face.score;
  tally.frames += 1;
  return tally;
}

function toSample(track: number, { shown, sums, score, frames }: Tally, ts: number): Sample {
  const [label] = [...shown].reduce((best, entry) => (entry[1] > best[1] ? entry : best));
  const probabilities = Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / frames]));
  return { ts, track, label, probabilities, score: score / frames, frames };
}

import { type Clock, systemClock } from '../core/clock.ts';
import { uncertain } from '../core/labels.ts';
import type { Face, Reading, Visit } from '../core/types.ts';

export interface VisitLogOptions {
  /** A visit ends when its track was not seen for this long. */
  readonly gapMs: number;
  /** Shorter stays are dropped. */
  readonly minDwellMs: number;
  readonly bootId: string;
  /** The daemon's clock; tells how long no reading has arrived. */
  readonly clock?: Clock;
}

/** Turns readings into visits: one per track, keyed by track id. Each method returns the visits that have just ended. */
export interface VisitLog {
  update(reading: Reading): Visit[];
  /** Ends visits also while no reading arrives (camera lost); call it about once a second. */
  tick(): Visit[];
  /** Ends all visits where they were last seen: at shutdown, or when the vision process starts anew. */
  flush(): Visit[];
}

/** A visit in progress. `*Mono` is the readings' monotonic clock, `*Stream` the stream clock (see below). */
interface Stay {
  readonly track: number;
  readonly startedAt: number;
  readonly startStream: number;
  readonly shown: Map<string, number>;
  lastMono: number;
  lastStream: number;
  label: string;
  strongest: Visit['strongest'];
  /** Over the frames that showed a label. */
  probabilitySum: number;
  labelledFrames: number;
  frames: number;
}

/**
 * Durations are taken from the readings' monotonic clock only. They are counted on a *stream clock* that follows it
 * reading by reading, but by at most half a gap at a time: a moment in which a face is hidden while others are read
 * belongs to the stay, a hole in the stream (a camera that hung) does not.
 */
export function createVisitLog(options: VisitLogOptions): VisitLog {
  const { gapMs, minDwellMs, bootId, clock = systemClock } = options;
  const longestStepMs = gapMs / 2;
  const stays = new Map<number, Stay>();
  let streamMs = 0;
  let readingMono = Number.NEGATIVE_INFINITY;
  let arrivedMono = 0;
  let seq = 0;

  function end(ended: Iterable<Stay>): Visit[] {
    const visits: Visit[] = [];
    for (const stay of ended) {
      stays.delete(stay.track);
      if (stay.lastStream - stay.startStream < minDwellMs) continue;
      seq += 1;
      visits.push(toVisit(stay, bootId, seq));
    }
    return visits;
  }

  const flush = () => end([...stays.values()]);
  const unseenFor = (ms: number, mono: number) => [...stays.values()].filter((stay) => mono - stay.lastMono >= ms);

  return {
    flush,

    tick() {
      if (stays.size === 0) return [];
      // The readings' clock belongs to another process; only the silence since the last one is measured with ours.
      return end(unseenFor(gapMs, readingMono + (clock.mono() - arrivedMono)));
    },

    update(reading) {
      // A clock that runs backwards is that of a new vision process, whose track numbers start again.
      const visits = reading.mono < readingMono ? flush() : end(unseenFor(gapMs, reading.mono));
      const step = reading.mono - readingMono;
      if (step > 0 && Number.isFinite(step)) streamMs += Math.min(step, longestStepMs);
      readingMono = reading.mono;
      arrivedMono = clock.mono();
      for (const face of reading.faces) {
        const stay = stays.get(face.track);
        if (stay) see(stay, face, reading, streamMs);
        else stays.set(face.track, begin(face, reading, streamMs));
      }
      return visits;
    },
  };
}

function begin(face: Face, reading: Reading, streamMs: number): Stay {
  const stay: Stay = {
    track: face.track,
    startedAt: reading.ts,
    startStream: streamMs,
    shown: new Map(Object.keys(face.probabilities).map((label) => [label, 0])),
    lastMono: reading.mono,
    lastStream: streamMs,
    label: face.label,
    strongest: { label: face.label, probability: -1, ts: reading.ts },
    probabilitySum: 0,
    labelledFrames: 0,
    frames: 0,
  };
  see(stay, face, reading, streamMs);
  return stay;
}

function see(stay: Stay, face: Face, reading: Reading, streamMs: number): void {
  // The time since the previous sight belongs to the label that was shown until now.
  stay.shown.set(stay.label, (stay.shown.get(stay.label) ?? 0) + streamMs - stay.lastStream);
  stay.label = face.label;
  stay.lastMono = reading.mono;
  stay.lastStream = streamMs;
  // `uncertain` has no probability: it is the clearest moment only of a visit without any other.
  const probability = face.probabilities[face.label] ?? 0;
  stay.probabilitySum += probability;
  stay.labelledFrames += face.label === uncertain ? 0 : 1;
  stay.frames += 1;
  if (probability > stay.strongest.probability) {
    const ts = stay.startedAt + Math.round(streamMs - stay.startStream);
    stay.strongest = { label: face.label, probability, ts };
  }
}

function toVisit(stay: Stay, bootId: string, seq: number): Visit {
  const dwellMs = stay.lastStream - stay.startStream;
  // Seen in a single frame: all of no time.
  if (dwellMs === 0) stay.shown.set(stay.label, 1);
  const shares = Object.fromEntries([...stay.shown].map(([label, ms]) => [label, ms / (dwellMs || 1)]));
  return {
    id: `${bootId}-${seq}`,
    bootId,
    seq,
    track: stay.track,
    startedAt: stay.startedAt,
    // Not the clock at the end, which may have been set back meanwhile.
    endedAt: stay.startedAt + Math.round(dwellMs),
    dwellMs: Math.round(dwellMs),
    dominant: dominantOf(shares),
    shares,
    strongest: stay.strongest,
    confidence: stay.probabilitySum / Math.max(1, stay.labelledFrames),
    frames: stay.frames,
  };
}

/** The label with the largest share: a person who could be told for a moment was not there without expression. */
function dominantOf(shares: Readonly<Record<string, number>>): string {
  const shown = Object.entries(shares).filter(([label, share]) => label !== uncertain && share > 0);
  return shown.reduce((best, entry) => (entry[1] > best[1] ? entry : best), [uncertain, 0] as const)[0];
}

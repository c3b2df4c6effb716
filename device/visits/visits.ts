import { type Clock, systemClock } from '../core/clock.ts';
import { fourDecimals } from '../core/decimals.ts';
import { FrameInterval } from '../core/frame-interval.ts';
import { dominantOf, happyShareOf, type UncertainReason, uncertain } from '../core/labels.ts';
import type { VisitLog } from '../core/sink.ts';
import type { Face, Reading, Visit } from '../core/types.ts';

export interface VisitLogOptions {
  /**
   * A visit ends after this time without its track. At low frame rates it does not end before two readings lack the
   * track.
   */
  readonly gapMs: number;
  /** Shorter stays are dropped. */
  readonly minDwellMs: number;
  readonly bootId: string;
  /** The daemon's clock, which measures the time without a reading. */
  readonly clock?: Clock;
}

/** A visit in progress. `*Mono` is the readings' monotonic clock, `*Stream` the stream clock (see below). */
interface Stay {
  readonly track: number;
  readonly startedAt: number;
  readonly startStream: number;
  /** Time per label, and per reason for `uncertain`. */
  readonly shown: Map<string, number>;
  readonly reasons: Map<UncertainReason, number>;
  lastMono: number;
  lastStream: number;
  label: string;
  reason: UncertainReason | undefined;
  strongest: Visit['strongest'];
  /** Sum over the frames with a label other than `uncertain`. */
  probabilitySum: number;
  namedFrames: number;
  frames: number;
}

/** Minimum life of a track in readings, see track/tracker.ts. */
const gapReadings = 2.5;

/**
 * Durations come from the readings' monotonic clock only. They are counted on a *stream clock*, which follows it
 * reading by reading, but by at most half a gap per step. So the time while a face is hidden in continuous readings
 * belongs to the stay, and a hole in the stream (a camera that hung) does not.
 */
export function createVisitLog(options: VisitLogOptions): VisitLog {
  const { gapMs, minDwellMs, bootId, clock = systemClock } = options;
  const interval = new FrameInterval();
  const gap = () => interval.atLeast(gapMs, gapReadings);
  const stays = new Map<number, Stay>();
  let streamMs = 0;
  let readingMono = Number.NEGATIVE_INFINITY;
  let arrivedMono = 0;
  let seq = 0;

  function end(ended: Iterable<Stay>): Visit[] {
    const visits: Visit[] = [];
    for (const stay of ended) {
      stays.delete(stay.track);
      if (dwellOf(stay) < minDwellMs) continue;
      seq += 1;
      visits.push(toVisit(stay, bootId, seq));
    }
    return visits;
  }

  const dwellOf = (stay: Stay) => stay.lastStream - stay.startStream;
  const flush = () => end([...stays.values()]);
  const unseenFor = (ms: number, mono: number) => [...stays.values()].filter((stay) => mono - stay.lastMono >= ms);

  return {
    flush,

    ongoing() {
      const long = [...stays.values()].filter((stay) => dwellOf(stay) >= Math.max(1, minDwellMs));
      return long.map((stay, index) => toVisit(stay, bootId, seq + 1 + index));
    },

    tick() {
      if (stays.size === 0) return [];
      // The readings' clock belongs to another process. The daemon's clock only measures the time since the last
      // reading.
      return end(unseenFor(gap(), readingMono + (clock.mono() - arrivedMono)));
    },

    update(reading) {
      interval.add(reading.mono);
      // A clock that runs backwards is the clock of a new vision process, whose track ids start again.
      const visits = reading.mono < readingMono ? flush() : end(unseenFor(gap(), reading.mono));
      const step = reading.mono - readingMono;
      if (step > 0 && Number.isFinite(step)) streamMs += Math.min(step, gap() / 2);
      readingMono = reading.mono;
      arrivedMono = clock.mono();
      for (const face of reading.faces) {
        const stay = stays.get(face.track);
        if (stay) addSight(stay, face, reading, streamMs);
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
    reasons: new Map(),
    lastMono: reading.mono,
    lastStream: streamMs,
    label: face.label,
    reason: face.reason,
    strongest: null,
    probabilitySum: 0,
    namedFrames: 0,
    frames: 0,
  };
  addSight(stay, face, reading, streamMs);
  return stay;
}

function addSight(stay: Stay, face: Face, reading: Reading, streamMs: number): void {
  // The time since the previous sight belongs to the label that was shown until now.
  addTime(stay, streamMs - stay.lastStream);
  stay.label = face.label;
  stay.reason = face.reason;
  stay.lastMono = reading.mono;
  stay.lastStream = streamMs;
  stay.frames += 1;
  const { label, probability } = face;
  // `uncertain` has no probability.
  if (probability === undefined) return;
  stay.probabilitySum += probability;
  stay.namedFrames += 1;
  if (probability <= (stay.strongest?.probability ?? -1)) return;
  stay.strongest = { label, probability, ts: stay.startedAt + Math.round(streamMs - stay.startStream) };
}

/** Adds time to the label and the reason that are shown. */
function addTime({ shown, reasons, label, reason }: Stay, ms: number): void {
  shown.set(label, (shown.get(label) ?? 0) + ms);
  if (reason) reasons.set(reason, (reasons.get(reason) ?? 0) + ms);
}

function toVisit(stay: Stay, bootId: string, seq: number): Visit {
  const dwellMs = stay.lastStream - stay.startStream;
  // Seen in a single frame: its label has the whole share of a dwell of 0.
  if (dwellMs === 0) addTime(stay, 1);
  const shares = Object.fromEntries([...stay.shown].map(([label, ms]) => [label, ms / (dwellMs || 1)]));
  // A label that was shown for any time is dominant over `uncertain`.
  const dominant = dominantOf(shares)?.label ?? uncertain;
  // A label in the last frame only was shown for 0 ms and does not count.
  const isNamed = dominant !== uncertain && stay.namedFrames > 0;
  return {
    id: `${bootId}-${seq}`,
    bootId,
    seq,
    track: stay.track,
    startedAt: stay.startedAt,
    // Not the wall clock at the end, which may have been set back in the meantime.
    endedAt: stay.startedAt + Math.round(dwellMs),
    dwellMs: Math.round(dwellMs),
    dominant,
    shares,
    reasons: sharesOfReasons(stay.reasons, dwellMs || 1),
    happyShare: happyShareOf(Object.fromEntries(stay.shown)),
    strongest: isNamed ? stay.strongest : null,
    confidence: isNamed ? stay.probabilitySum / stay.namedFrames : null,
    frames: stay.frames,
  };
}

function sharesOfReasons(reasons: Stay['reasons'], dwellMs: number): Visit['reasons'] {
  const shares = [...reasons].map(([reason, ms]) => [reason, fourDecimals(ms / dwellMs)] as const);
  return Object.fromEntries(shares.filter(([, share]) => share > 0));
}

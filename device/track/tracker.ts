import { iou } from '../core/boxes.ts';
import type { Box, Detection } from '../core/types.ts';

/** A detection with the track that it belongs to. */
export interface Tracked extends Detection {
  readonly track: number;
}

/** Gives the same person the same number from frame to frame. */
export interface Tracker {
  /** @param mono monotonic ms of the frame; must not decrease */
  update(detections: readonly Detection[], mono: number): Tracked[];
  /** Tracks that still live, seen in this frame or not. */
  readonly live: ReadonlySet<number>;
}

interface Track {
  readonly id: number;
  box: Box;
  /** Pixels per ms of the box's centre. */
  velocity: { x: number; y: number };
  seenAt: number;
}

/** Overlap with the predicted box from which a face is taken for the same. */
const minIou = 0.2;

/** Second chance: the centre moved by less than this share of the face's size. Fast small faces lose all overlap. */
const maxShift = 0.8;

/**
 * Greedy two-stage association against boxes predicted at constant velocity: first by overlap, then, for what is left, by
 * distance of the centres. A track that was not seen for `lostMs` ends; its number is never given again.
 */
export function createTracker(options: { lostMs: number; firstId?: number }): Tracker {
  return new GreedyTracker(options.lostMs, options.firstId ?? 1);
}

class GreedyTracker implements Tracker {
  readonly #lostMs: number;
  #tracks: Track[] = [];
  #nextId: number;

  constructor(lostMs: number, firstId: number) {
    this.#lostMs = lostMs;
    this.#nextId = firstId;
  }

  get live(): ReadonlySet<number> {
    return new Set(this.#tracks.map(({ id }) => id));
  }

  update(detections: readonly Detection[], mono: number): Tracked[] {
    this.#tracks = this.#tracks.filter((track) => mono - track.seenAt <= this.#lostMs);
    const predicted = new Map(this.#tracks.map((track) => [track, predict(track, mono)]));
    const matches = new Map<Detection, Track>();
    const match = (affinity: (predictedBox: Box, box: Box) => number, least: number) => {
      const pairs = detections
        .filter((detection) => !matches.has(detection))
        .flatMap((detection) =>
          [...predicted].map(([track, box]) => ({ detection, track, affinity: affinity(box, detection.box) })),
        )
        .filter((pair) => pair.affinity >= least)
        .sort((a, b) => b.affinity - a.affinity);
      for (const { detection, track } of pairs) {
        if (matches.has(detection) || !predicted.has(track)) continue;
        matches.set(detection, track);
        predicted.delete(track);
      }
    };
    match(iou, minIou);
    match(closeness, 1 - maxShift);
    return detections.map((detection) => ({
      ...detection,
      track: this.#follow(matches.get(detection), detection, mono),
    }));
  }

  #follow(known: Track | undefined, detection: Detection, mono: number): number {
    if (known) {
      advance(known, detection.box, mono);
      return known.id;
    }
    const track: Track = { id: this.#nextId++, box: detection.box, velocity: { x: 0, y: 0 }, seenAt: mono };
    this.#tracks.push(track);
    return track.id;
  }
}

/** Where the box should be now. Believed for 300 ms: after that people turn. */
function predict({ box, velocity, seenAt }: Track, mono: number): Box {
  const elapsed = Math.min(300, mono - seenAt);
  return { ...box, x: box.x + velocity.x * elapsed, y: box.y + velocity.y * elapsed };
}

function advance(track: Track, box: Box, mono: number): void {
  const elapsed = mono - track.seenAt;
  if (elapsed > 0) {
    const blend = (before: number, now: number) => 0.5 * before + 0.5 * now;
    track.velocity = {
      x: blend(track.velocity.x, (centerX(box) - centerX(track.box)) / elapsed),
      y: blend(track.velocity.y, (centerY(box) - centerY(track.box)) / elapsed),
    };
  }
  track.box = box;
  track.seenAt = mono;
}

/** 1 where the centres meet, 0 where they lie a face's size apart; 0 for faces of too different size. */
function closeness(a: Box, b: Box): number {
  const ratio = a.height / b.height;
  if (ratio < 0.5 || ratio > 2) return 0;
  const distance = Math.hypot(centerX(a) - centerX(b), centerY(a) - centerY(b));
  return 1 - distance / Math.max(a.height, b.height);
}

const centerX = (box: Box) => box.x + box.width / 2;
const centerY = (box: Box) => box.y + box.height / 2;

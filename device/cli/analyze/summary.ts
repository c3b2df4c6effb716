import { happyShareOf, type UncertainReason, uncertain } from '../../core/labels.ts';
import type { Face } from '../../core/types.ts';

/** The labels of one track; counts are frames. */
interface TrackSummary {
  /** Seconds. */
  readonly first: number;
  last: number;
  frames: number;
  readonly labels: Map<string, number>;
  /** Reasons for `uncertain`. */
  readonly reasons: Map<UncertainReason, number>;
  label: string;
  /** Number of label changes. The first label after `uncertain` is not a change. */
  changes: number;
}

/** Summary of a recording, for people. */
export class Summary {
  #frames = 0;
  #framesWithFace = 0;
  #maxFaces = 0;
  readonly #tracks = new Map<number, TrackSummary>();

  get frames(): number {
    return this.#frames;
  }

  get framesWithFace(): number {
    return this.#framesWithFace;
  }

  get maxFaces(): number {
    return this.#maxFaces;
  }

  /** @param t seconds */
  add(t: number, faces: readonly Pick<Face, 'track' | 'label' | 'reason'>[]): void {
    this.#frames += 1;
    this.#framesWithFace += faces.length > 0 ? 1 : 0;
    this.#maxFaces = Math.max(this.#maxFaces, faces.length);
    for (const { track, label, reason } of faces) {
      const known = this.#tracks.get(track) ?? begin(t, label);
      this.#tracks.set(track, known);
      known.last = t;
      known.frames += 1;
      const isFirstName = known.label === uncertain && known.labels.size === 1;
      known.changes += label === known.label || isFirstName ? 0 : 1;
      known.label = label;
      count(known.labels, label);
      if (reason) count(known.reasons, reason);
    }
  }

  /** One line per person, and one for all. */
  personLines(): string[] {
    if (this.#tracks.size === 0) return ['no faces found'];
    const people = [...this.#tracks].map(
      ([id, track]) =>
        `  person ${String(id).padStart(2)}  ${track.first.toFixed(1)} to ${track.last.toFixed(1)} s, ${track.frames} frames: ${describeLabels(track)}; ${describeChanges(track)}`,
    );
    return [...people, describeHappyShare([...this.#tracks.values()])];
  }
}

function begin(t: number, label: string): TrackSummary {
  return { first: t, last: t, frames: 0, labels: new Map(), reasons: new Map(), label, changes: 0 };
}

function count<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** `neutral 80%, uncertain 20% (turned 15%, dark 5%)`, in percent of the frames of the track. */
function describeLabels({ labels, reasons, frames }: TrackSummary): string {
  const share = ([name, number]: readonly [string, number]) => `${name} ${Math.round((100 * number) / frames)}%`;
  const why = reasons.size === 0 ? '' : ` (${byCount(reasons).map(share).join(', ')})`;
  return byCount(labels)
    .map((entry) => share(entry) + (entry[0] === uncertain ? why : ''))
    .join(', ');
}

function byCount(counts: ReadonlyMap<string, number>): (readonly [string, number])[] {
  return [...counts].sort((a, b) => b[1] - a[1]);
}

function describeChanges({ changes, first, last }: TrackSummary): string {
  const minutes = (last - first) / 60;
  const rate = changes === 0 || minutes === 0 ? '' : ` (${(changes / minutes).toFixed(1)} a minute)`;
  return `${changes} label change${changes === 1 ? '' : 's'}${rate}`;
}

/** Over the frames of all people: each person counts as long as they were visible. */
function describeHappyShare(tracks: readonly TrackSummary[]): string {
  const counts: Record<string, number> = {};
  for (const { labels } of tracks) {
    for (const [label, frames] of labels) counts[label] = (counts[label] ?? 0) + frames;
  }
  const share = happyShareOf(counts);
  return share === null
    ? 'looked happy: unknown, no face was given an expression'
    : `looked happy: ${Math.round(100 * share)}% of the time that people were given an expression`;
}

import { type UncertainReason, uncertain } from '../../../core/labels.ts';
import { median } from '../statistics.ts';

/** Labels of one track. */
export interface TrackSummary {
  readonly track: number;
  readonly firstFrame: number;
  readonly lastFrame: number;
  readonly frames: number;
  /** Median height of its boxes, px. */
  readonly height: number;
  /** Label changes a minute, not counting the first label after `uncertain`. */
  readonly labelChangesPerMinute: number;
  /** The labels in order, each with its first frame; `uncertain` again for each new reason. */
  readonly labels: readonly LabelStretch[];
}

export interface LabelStretch {
  readonly label: string;
  readonly reason?: UncertainReason;
  readonly from: number;
}

export interface ShownLabel {
  readonly track: number;
  readonly label: string;
  readonly reason?: UncertainReason;
  readonly height: number;
}

interface Story {
  readonly firstFrame: number;
  readonly firstT: number;
  readonly heights: number[];
  readonly labels: LabelStretch[];
  lastFrame: number;
  lastT: number;
}

/** Records the labels of each track. */
export class TrackStories {
  readonly #stories = new Map<number, Story>();

  /** @param t seconds */
  add(frame: number, t: number, faces: readonly ShownLabel[]): void {
    for (const { track, label, reason, height } of faces) {
      const story = this.#stories.get(track) ?? {
        firstFrame: frame,
        firstT: t,
        heights: [],
        labels: [],
        lastFrame: frame,
        lastT: t,
      };
      this.#stories.set(track, story);
      story.heights.push(height);
      story.lastFrame = frame;
      story.lastT = t;
      const last = story.labels.at(-1);
      if (last?.label === label && last.reason === reason) continue;
      story.labels.push({ label, ...(reason && { reason }), from: frame });
    }
  }

  summaries(): TrackSummary[] {
    return [...this.#stories].map(([track, { firstFrame, lastFrame, firstT, lastT, heights, labels }]) => ({
      track,
      firstFrame,
      lastFrame,
      frames: heights.length,
      height: median(heights),
      // A track with a single frame has no rate.
      labelChangesPerMinute: lastT > firstT ? (60 * changesIn(labels)) / (lastT - firstT) : Number.NaN,
      labels,
    }));
  }
}

function changesIn(labels: Story['labels']): number {
  const changes = labels.filter(({ label }, index) => index > 0 && label !== labels[index - 1]!.label);
  return Math.max(0, changes.length - (labels[0]?.label === uncertain ? 1 : 0));
}

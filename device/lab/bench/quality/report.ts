import type { Row } from '../table.ts';
import type { Target } from '../targets.ts';
import type { Agreement, ClipResult } from './clip.ts';
import type { LabelStretch } from './tracks.ts';

/** Known facts of recordings by file name, see device/lab/fixtures/recorded/README.md. */
const known: Readonly<Record<string, { readonly tracks: number; readonly visits?: number }>> = {
  again: { tracks: 1 },
  bird: { tracks: 1 },
  sorry: { tracks: 1 },
  classroom: { tracks: 4 },
  'face-demographics-walking': { tracks: 2 },
  'face-demographics-walking-and-pause': { tracks: 3 },
  'head-pose-face-detection-female': { tracks: 1 },
  'head-pose-face-detection-male': { tracks: 1 },
  'one-by-one-person-detection-20s': { tracks: 0, visits: 0 },
};

/** Share of the reference's faces that were shown; NaN without faces. */
function recall({ found, missed }: Agreement): number {
  return found / (found + missed);
}

/** Share of the shown faces that the reference confirms; NaN without shown faces. */
function precision({ found, wrong }: Agreement): number {
  return found / (found + wrong);
}

function pooled(agreements: readonly Agreement[]): Agreement {
  const total = (count: (agreement: Agreement) => number) => agreements.reduce((sum, each) => sum + count(each), 0);
  return {
    found: total(({ found }) => found),
    missed: total(({ missed }) => missed),
    wrong: total(({ wrong }) => wrong),
    missedIn: [],
    wrongIn: [],
  };
}

export function trackRows({ tracks }: ClipResult): Row[] {
  return tracks.map(({ track, firstFrame, lastFrame, frames, height, labelChangesPerMinute, labels }) => ({
    track,
    from: firstFrame,
    to: lastFrame,
    frames,
    'height px': height,
    'label changes/min': labelChangesPerMinute,
    labels: labels.map((stretch) => `${nameOf(stretch)} ${stretch.from}`).join(', '),
  }));
}

function nameOf({ label, reason }: LabelStretch): string {
  return reason ? `${label} (${reason})` : label;
}

export function clipRows(results: readonly ClipResult[]): Row[] {
  const rows = results.map((result) => ({
    clip: result.clip,
    tracks: result.tracks.length,
    expected: known[result.clip]?.tracks ?? '',
    switches: result.switches,
    visits: result.visits,
    ...agreementCells(result.live, result.decided),
  }));
  const live = pooled(results.map((result) => result.live));
  const decided = pooled(results.map((result) => result.decided));
  const sums = { tracks: '', expected: '', switches: '', visits: '' };
  return [...rows, { clip: 'all', ...sums, ...agreementCells(live, decided) }];
}

function agreementCells(live: Agreement, decided: Agreement): Row {
  return {
    faces: live.found + live.missed,
    missed: live.missed,
    wrong: live.wrong,
    recall: shareText(recall(live)),
    precision: shareText(precision(live)),
    'recall, decided': shareText(recall(decided)),
    'precision, decided': shareText(precision(decided)),
  };
}

/** Three decimals, because the targets are 0.97 and 0.98. */
function shareText(share: number): string {
  return Number.isFinite(share) ? share.toFixed(3) : '-';
}

/** Frames with errors of the live result. */
export function faultLines(results: readonly ClipResult[]): string[] {
  return results.flatMap(({ clip, live }) => [
    ...(live.missedIn.length > 0 ? [`${clip}: missed in ${ranges(live.missedIn)}`] : []),
    ...(live.wrongIn.length > 0 ? [`${clip}: wrong in ${ranges(live.wrongIn)}`] : []),
  ]);
}

/** `0-1, 4, 7-9` */
export function ranges(numbers: readonly number[]): string {
  const runs: { from: number; to: number }[] = [];
  for (const number of numbers) {
    const last = runs.at(-1);
    if (last?.to === number - 1) last.to = number;
    else runs.push({ from: number, to: number });
  }
  return runs.map(({ from, to }) => (from === to ? String(from) : `${from}-${to}`)).join(', ');
}

export function qualityTargets(results: readonly ClipResult[]): Target[] {
  const live = pooled(results.map((result) => result.live));
  const decided = pooled(results.map((result) => result.decided));
  const ofClip = ({ clip, tracks, visits, switches }: ClipResult): Target[] => {
    const expected = known[clip];
    if (!expected) return [];
    return [
      { what: `${clip}: tracks`, measured: tracks.length, limit: { exactly: expected.tracks } },
      { what: `${clip}: switches`, measured: switches, limit: { exactly: 0 } },
      ...(expected.visits === undefined
        ? []
        : [{ what: `${clip}: visits`, measured: visits, limit: { exactly: expected.visits } }]),
    ];
  };
  return [
    { what: 'recall, live', measured: recall(live), limit: { least: 0.97 } },
    { what: 'precision, live', measured: precision(live), limit: { least: 0.98 } },
    { what: 'recall, decided', measured: recall(decided), limit: { least: 0.97 } },
    { what: 'precision, decided', measured: precision(decided), limit: { least: 0.98 } },
    ...results.flatMap(ofClip),
  ];
}

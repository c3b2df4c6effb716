import type uPlot from 'uplot';
import { formatTop } from './scale.ts';
import type { Columns } from './timeline.ts';

/** Height above the columns for the text of the scale, in rem. */
export const topRoom = 1.05;

export interface MarkOptions {
  readonly rem: number;
  readonly bucketMs: number;
  readonly nowName: string;
  readonly rightToLeft: boolean;
  /** Whether there is room for letters. */
  readonly hasLetters: boolean;
}

/** Marks of a chart: the top of the scale, periods without a person, and the present moment. */
export function drawMarks(plot: uPlot, columns: Columns, options: MarkOptions): void {
  const style = getComputedStyle(document.documentElement);
  // In pixels of the screen, like everything that uPlot draws.
  const unit = options.rem * devicePixelRatio;
  const { ctx } = plot;
  ctx.save();
  ctx.font = `${Math.round(0.8 * unit)}px ${style.getPropertyValue('--font')}`;
  ctx.fillStyle = style.getPropertyValue('--quiet');
  drawEmpty(plot, columns, options.bucketMs, unit);
  if (options.hasLetters) drawScale(plot, options.rightToLeft, unit, style.getPropertyValue('--line'));
  ctx.fillStyle = style.getPropertyValue('--paper');
  drawNow(plot, columns.now, options, unit);
  ctx.restore();
}

/** A low dash for each past minute or hour without a person. */
function drawEmpty(plot: uPlot, { times, cumulative, now }: Columns, bucketMs: number, unit: number): void {
  const { ctx, bbox } = plot;
  const all = [...cumulative.values()].at(-1) ?? [];
  const width = (0.5 * bbox.width) / times.length;
  const height = Math.max(1, Math.round(0.1 * unit));
  for (const [at, time] of times.entries()) {
    if (all[at] !== null || time - bucketMs / 2000 >= now) continue;
    ctx.fillRect(plot.valToPos(time, 'x', true) - width / 2, bbox.top + bbox.height - 2 * height, width, height);
  }
}

/** A line at the top of the scale, with its duration. */
function drawScale(plot: uPlot, rightToLeft: boolean, unit: number, line: string): void {
  const { ctx, bbox, scales } = plot;
  const width = Math.max(1, Math.round(0.06 * unit));
  ctx.textBaseline = 'alphabetic';
  ctx.textAlign = rightToLeft ? 'right' : 'left';
  ctx.fillText(formatTop(scales.y!.max!), rightToLeft ? bbox.left + bbox.width : bbox.left, bbox.top - 0.3 * unit);
  ctx.fillStyle = line;
  ctx.fillRect(bbox.left, bbox.top - width, bbox.width, width);
}

function drawNow(plot: uPlot, now: number, { nowName, hasLetters }: MarkOptions, unit: number): void {
  const { ctx, bbox, scales } = plot;
  const { min, max } = scales.x!;
  const isReversed = scales.x!.dir === -1;
  const width = Math.max(1, Math.round(0.1 * unit));
  const place = plot.valToPos(Math.max(min!, Math.min(max!, now)), 'x', true);
  const x = Math.max(bbox.left, Math.min(bbox.left + bbox.width - width, isReversed ? place - width : place));
  ctx.fillRect(x, bbox.top, width, bbox.height);
  if (!hasLetters) return;
  const letters = ctx.measureText(nowName).width;
  const left = Math.max(bbox.left, Math.min(bbox.left + bbox.width - letters, place - letters / 2));
  ctx.textBaseline = 'top';
  ctx.textAlign = 'left';
  ctx.fillText(nowName, left, bbox.top + bbox.height + 0.25 * unit);
}

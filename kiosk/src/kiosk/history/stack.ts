import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { colourKeyOf } from '../../expression/expressions.ts';
import { currentPalette } from '../../theme/theme.ts';
import type { Columns } from './timeline.ts';

export interface StackOptions {
  readonly element: HTMLElement;
  /** From the bottom of the stack to its top. */
  readonly order: readonly string[];
  readonly bucketMs: number;
  /** Seconds between the hours and minutes under the chart, from narrow to wide. */
  readonly steps: readonly number[];
  readonly nameOf: (ms: number) => string;
  readonly rightToLeft: boolean;
}

/** Stacked columns with the time under them. Drawn onto a canvas: made anew where its size or theme changes. */
export function createStack({ element, order, bucketMs, steps, nameOf, rightToLeft }: StackOptions): uPlot {
  const root = getComputedStyle(document.documentElement);
  const rem = Number.parseFloat(root.fontSize);
  const half = bucketMs / 2000;
  const paths = uPlot.paths.bars!({ size: [0.78], radius: 0 });
  const palette = currentPalette();
  const options: uPlot.Options = {
    width: element.clientWidth,
    height: element.clientHeight,
    padding: [0, 0, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      // Time runs as the page is read.
      x: { time: true, dir: rightToLeft ? -1 : 1, range: (_plot, first, last) => [first - half, last + half] },
      y: { range: [0, 1] },
    },
    axes: [
      {
        // A strip of a few lines' height says more without hours under it.
        show: element.clientHeight > 2.8 * rem,
        stroke: root.getPropertyValue('--quiet'),
        font: `${0.8 * rem}px ${root.getPropertyValue('--font')}`,
        size: 1.25 * rem,
        gap: 0.25 * rem,
        space: 3 * rem,
        grid: { show: false },
        ticks: { show: false },
        values: (plot, splits) => splits.map((second) => (isNearEdge(plot, second) ? '' : nameOf(second * 1000))),
        incrs: [...steps],
      },
      { show: false },
    ],
    series: [
      {},
      ...[...order]
        .reverse()
        .map(
          (label): uPlot.Series => ({ fill: palette[colourKeyOf(label)], width: 0, paths, points: { show: false } }),
        ),
    ],
  };
  return new uPlot(options, undefined, element);
}

/** The whole stack first, then what lies under it: each column is painted over by the one below. */
export function toStackData({ times, cumulative }: Columns, order: readonly string[]): uPlot.AlignedData {
  return [[...times], ...[...order].reverse().map((label) => [...(cumulative.get(label) ?? [])])];
}

/** Where half of the letters would be cut off. */
function isNearEdge({ scales }: uPlot, second: number): boolean {
  const { min = 0, max = 0 } = scales.x!;
  const margin = (max - min) * 0.06;
  return second < min + margin || second > max - margin;
}

import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { colourKeyOf } from '../../expression/expressions.ts';
import { canvasFont } from '../../theme/canvas-font.ts';
import { currentPalette } from '../../theme/theme.ts';
import { drawMarks, type MarkOptions, topRoom } from './marks.ts';
import { topOf } from './scale.ts';
import type { Columns } from './timeline.ts';

export interface StackOptions {
  readonly element: HTMLElement;
  /** From the bottom of the stack to its top. */
  readonly order: readonly string[];
  readonly bucketMs: number;
  /** Seconds between the hours and minutes under the chart, from narrow to wide. */
  readonly steps: readonly number[];
  /** The scale reaches at least this far, in seconds: a person who passes by does not fill the chart. */
  readonly leastSeconds: number;
  readonly nameOf: (ms: number) => string;
  /** What stands under the mark of this moment. */
  readonly nowName: string;
  readonly rightToLeft: boolean;
}

/** Columns side by side, drawn onto a canvas: made anew where its size or theme changes. */
export class Stack {
  readonly #options: StackOptions;
  readonly #rem: number;
  readonly #plot: uPlot;
  #columns: Columns;

  constructor(options: StackOptions, columns: Columns) {
    this.#options = options;
    this.#columns = columns;
    this.#rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
    this.#plot = new uPlot(this.#plotOptions(), toStackData(columns, options.order), options.element);
  }

  show(columns: Columns): void {
    this.#columns = columns;
    this.#plot.setData(toStackData(columns, this.#options.order));
  }

  destroy(): void {
    this.#plot.destroy();
  }

  #plotOptions(): uPlot.Options {
    const { element, order, bucketMs, leastSeconds, rightToLeft } = this.#options;
    const half = bucketMs / 2000;
    const paths = uPlot.paths.bars!({ size: [0.78], radius: 0 });
    const palette = currentPalette();
    const bar = (label: string): uPlot.Series => ({
      fill: palette[colourKeyOf(label)],
      width: 0,
      paths,
      points: { show: false },
    });
    return {
      width: element.clientWidth,
      height: element.clientHeight,
      padding: [this.#hasRoom ? topRoom * this.#rem : 0, 0, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: {
        // Time runs as the page is read.
        x: {
          time: true,
          dir: rightToLeft ? -1 : 1,
          range: (_plot, first, last) => [first - half, last + half + this.#roomForNow(first, last + half)],
        },
        y: { range: () => [0, topOf(Math.max(leastSeconds, this.#columns.most))] },
      },
      axes: [this.#timeAxis(), { show: false }],
      series: [{}, ...[...order].reverse().map(bar)],
      hooks: { draw: [(plot) => drawMarks(plot, this.#columns, this.#marks)] },
    };
  }

  /** Beside the last column, where that is of this moment: its mark must not lie over the column. */
  #roomForNow(first: number, end: number): number {
    return this.#columns.now >= end ? (end - first) * 0.02 : 0;
  }

  /** A strip of a few lines' height says more without letters over and under it. */
  get #hasRoom(): boolean {
    return this.#options.element.clientHeight > 3.8 * this.#rem;
  }

  get #marks(): MarkOptions {
    const { bucketMs, nowName, rightToLeft } = this.#options;
    return { rem: this.#rem, bucketMs, nowName, rightToLeft, hasLetters: this.#hasRoom };
  }

  #timeAxis(): uPlot.Axis {
    const { steps, nameOf, nowName } = this.#options;
    const root = getComputedStyle(document.documentElement);
    const rem = this.#rem;
    return {
      show: this.#hasRoom,
      stroke: root.getPropertyValue('--quiet'),
      font: canvasFont(0.8 * rem, root.getPropertyValue('--font')),
      size: 1.25 * rem,
      gap: 0.25 * rem,
      space: 2.4 * rem,
      grid: { show: false },
      ticks: { show: false },
      values: (plot, splits) =>
        splits.map((second) => {
          const name = nameOf(second * 1000);
          return isCut(plot, second, name, rem) ||
            isUnderNow(plot, second, name, { at: this.#columns.now, name: nowName }, rem)
            ? ''
            : name;
        }),
      incrs: [...steps],
    };
  }
}

/** The whole stack first, then what lies under it: each column is painted over by the one below. */
function toStackData({ times, cumulative }: Columns, order: readonly string[]): uPlot.AlignedData {
  return [[...times], ...[...order].reverse().map((label) => [...(cumulative.get(label) ?? [])])];
}

/** Room that letters take under the chart: about half as wide as high. */
function widthOf(letters: string, rem: number): number {
  return letters.length * 0.44 * rem;
}

/** Where a part of the letters would be cut off. */
function isCut(plot: uPlot, second: number, name: string, rem: number): boolean {
  const at = plot.valToPos(second, 'x');
  const half = widthOf(name, rem) / 2;
  return at < half || at > plot.width - half;
}

/** Where the mark of this moment has its letters: around it, or to one side of it at the edge of the chart. */
function isUnderNow(
  plot: uPlot,
  second: number,
  name: string,
  now: { at: number; name: string },
  rem: number,
): boolean {
  const place = plot.valToPos(now.at, 'x');
  const letters = widthOf(now.name, rem);
  const isAtEdge = place < letters / 2 || place > plot.width - letters / 2;
  const reach = (isAtEdge ? letters : letters / 2) + widthOf(name, rem) / 2 + 0.3 * rem;
  return Math.abs(plot.valToPos(second, 'x') - place) < reach;
}

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
  /** Possible distances of the times below the chart, in seconds, ascending. */
  readonly steps: readonly number[];
  /** Minimum of the upper end of the scale, in seconds, so that one passer-by does not fill the chart. */
  readonly minSeconds: number;
  readonly nameOf: (ms: number) => string;
  /** Text below the mark of the present moment. */
  readonly nowName: string;
  readonly rightToLeft: boolean;
}

/** Stacked columns on a canvas, built again when its size or theme changes. */
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
    const { element, order, bucketMs, minSeconds, rightToLeft } = this.#options;
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
        // Time runs in the reading direction of the page.
        x: {
          time: true,
          dir: rightToLeft ? -1 : 1,
          range: (_plot, first, last) => [first - half, last + half + this.#roomForNow(first, last + half)],
        },
        y: { range: () => [0, topOf(Math.max(minSeconds, this.#columns.max))] },
      },
      axes: [this.#timeAxis(), { show: false }],
      series: [{}, ...[...order].reverse().map(bar)],
      hooks: { draw: [(plot) => drawMarks(plot, this.#columns, this.#marks)] },
    };
  }

  /** Beside the last column if that is the present one, because the mark must not cover it. */
  #roomForNow(first: number, end: number): number {
    return this.#columns.now >= end ? (end - first) * 0.02 : 0;
  }

  /** A chart that is only a few lines high has no text above and below it. */
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

/** The top of the stack first: each lower series is painted over the one above it. */
function toStackData({ times, cumulative }: Columns, order: readonly string[]): uPlot.AlignedData {
  return [[...times], ...[...order].reverse().map((label) => [...(cumulative.get(label) ?? [])])];
}

/** Width of a text below the chart: a letter is about half as wide as high. */
function widthOf(letters: string, rem: number): number {
  return letters.length * 0.44 * rem;
}

/** Whether a part of the text would be cut off. */
function isCut(plot: uPlot, second: number, name: string, rem: number): boolean {
  const at = plot.valToPos(second, 'x');
  const half = widthOf(name, rem) / 2;
  return at < half || at > plot.width - half;
}

/** Alignment of the text of the present moment: centred, or to one side at the edge of the chart. */
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

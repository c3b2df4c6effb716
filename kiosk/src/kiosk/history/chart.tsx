import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { colourKeyOf, inChartOrder } from '../../expression/expressions.ts';
import { formatTime } from '../../language/format.ts';
import { currentPalette } from '../../theme/theme.ts';
import { messages } from '../messages/messages.ts';
import type { Columns, Timeline } from './timeline.ts';

const redrawMs = 1000;

/** The last minutes as stacked columns. Its key is the list of expressions beside it. */
export function Chart({
  timeline,
  labels,
  now,
}: {
  timeline: Timeline;
  labels: readonly string[];
  /** The device's wall clock. */
  now: () => number;
}) {
  const host = useRef<HTMLDivElement>(null);
  const [filled, setFilled] = useState(0);
  const order = inChartOrder(labels);
  useEffect(() => {
    const element = host.current!;
    let plot: uPlot | undefined;
    const redraw = () => {
      const columns = timeline.columns(now(), order);
      plot?.setData(toData(columns, order));
      setFilled(columns.cumulative.get(order[0] ?? '')?.filter((share) => share !== null).length ?? 0);
    };
    // Made anew where the size changes: its letters are sized when it is made.
    const observer = new ResizeObserver(() => {
      plot?.destroy();
      plot = createPlot(element, order, timeline);
      redraw();
    });
    observer.observe(element);
    const timer = setInterval(redraw, redrawMs);
    return () => {
      clearInterval(timer);
      observer.disconnect();
      plot?.destroy();
    };
  }, [timeline, order.join(), now]);
  return (
    <section class="chart" aria-labelledby="chart-title" data-testid="chart" data-filled={filled}>
      <h2 id="chart-title" class="overline">
        {messages.recent(timeline.windowMs / 60_000)}
        <span>{filled > 0 ? messages.recentHint : messages.recentEmpty}</span>
      </h2>
      <div class="plot" ref={host} aria-hidden="true" />
    </section>
  );
}

/** The whole stack first, then what lies under it: each column is painted over by the one below. */
function toData(columns: Columns, order: readonly string[]): uPlot.AlignedData {
  return [[...columns.times], ...[...order].reverse().map((label) => [...(columns.cumulative.get(label) ?? [])])];
}

function createPlot(element: HTMLElement, order: readonly string[], timeline: Timeline): uPlot {
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  const half = timeline.bucketMs / 2000;
  const paths = uPlot.paths.bars!({ size: [0.78], radius: 0 });
  const options: uPlot.Options = {
    width: element.clientWidth,
    height: element.clientHeight,
    padding: [0, 0, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: true, range: (_plot, first, last) => [first - half, last + half] },
      y: { range: [0, 1] },
    },
    axes: [
      {
        // A strip of a few lines' height says more without hours under it.
        show: element.clientHeight > 4 * rem,
        stroke: '#aaa69c',
        font: `${0.85 * rem}px Roboto, sans-serif`,
        size: 1.35 * rem,
        gap: 0.3 * rem,
        space: 5 * rem,
        grid: { show: false },
        ticks: { show: false },
        values: (plot, splits) => splits.map((second) => (isNearEdge(plot, second) ? '' : formatTime(second * 1000))),
        incrs: [60, 120, 300],
      },
      { show: false },
    ],
    series: [
      {},
      ...[...order].reverse().map(
        (label): uPlot.Series => ({
          fill: currentPalette()[colourKeyOf(label)],
          width: 0,
          paths,
          points: { show: false },
        }),
      ),
    ],
  };
  return new uPlot(options, undefined, element);
}

/** Where half of the letters would be cut off. */
function isNearEdge({ scales }: uPlot, second: number): boolean {
  const { min = 0, max = 0 } = scales.x!;
  const margin = (max - min) * 0.05;
  return second < min + margin || second > max - margin;
}

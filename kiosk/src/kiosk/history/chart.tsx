import { useEffect, useRef, useState } from 'preact/hooks';
import { dominantOf, happyShareOf } from '../../../../device/core/labels.ts';
import type { Counts } from '../../expression/counts.ts';
import { inChartOrder, nameInText } from '../../expression/expressions.ts';
import { formatShare, formatTime, isolated } from '../../language/format.ts';
import { language, languages } from '../../language/language.ts';
import { messages } from '../messages/messages.ts';
import { Stack } from './stack.ts';
import type { Columns } from './timeline.ts';

const redrawMs = 1000;

export interface ChartProps {
  readonly name: 'hour' | 'today';
  readonly title: string;
  readonly labels: readonly string[];
  readonly bucketMs: number;
  /** Possible distances of the times below the chart, in seconds. */
  readonly steps: readonly number[];
  /** Minimum of the upper end of the scale, in seconds. */
  readonly minSeconds: number;
  readonly columns: (order: readonly string[]) => Columns;
  /** Totals of a chart. */
  readonly summary: () => Summary;
}

interface Summary {
  /** Number of visits, if known. */
  readonly visits?: number;
  /** Seconds in view by expression. */
  readonly seconds: Counts;
}

interface Shown {
  readonly filled: number;
  /** The totals as text, the most important first. Parts without room are left out. */
  readonly visits: string;
  readonly findings: readonly string[];
}

/** People in view over time, as columns of their expressions. The list of expressions beside it is the key. */
export function Chart(props: ChartProps) {
  const { name, title } = props;
  const host = useRef<HTMLDivElement>(null);
  const { filled, visits, findings } = useDrawn(host, props);
  return (
    <section class="chart" aria-labelledby={`chart-${name}`} data-testid={`chart-${name}`} data-filled={filled}>
      <div class="overline">
        <h2 id={`chart-${name}`}>{title}</h2>
        {filled > 0 && visits && <p class="quiet">{visits}</p>}
      </div>
      <div class="overline findings" data-testid={`happy-${name}`}>
        {filled > 0 ? findings.map((finding) => <p key={finding}>{finding}</p>) : <p>{messages.fills}</p>}
      </div>
      <div class="plot" ref={host} role="img" aria-label={messages.seen[name]} />
    </section>
  );
}

/** Draws the chart once a second if something has changed. */
function useDrawn(
  host: { readonly current: HTMLDivElement | null },
  { labels, bucketMs, steps, minSeconds, columns, summary }: ChartProps,
): Shown {
  const [shown, setShown] = useState<Shown>({ filled: 0, visits: '', findings: [] });
  const order = inChartOrder(labels);
  useEffect(() => {
    const element = host.current!;
    let stack: Stack | undefined;
    let drawn = '';
    const redraw = () => {
      const current = columns(order);
      const words = inWords(summary());
      // In most seconds no column changes; then nothing is painted.
      const key = JSON.stringify([current.now, [...current.cumulative], words]);
      if (key === drawn) return;
      drawn = key;
      stack?.show(current);
      setShown({ filled: current.filled, ...words });
    };
    const rebuild = () => {
      stack?.destroy();
      stack = undefined;
      drawn = '';
      // The layout has left this chart out.
      if (element.clientHeight === 0) return;
      const rightToLeft = languages[language].direction === 'rtl';
      const names = { nameOf: formatTime, nowName: messages.now };
      stack = new Stack({ element, order, bucketMs, steps, minSeconds, ...names, rightToLeft }, columns(order));
      redraw();
    };
    const sizes = new ResizeObserver(rebuild);
    sizes.observe(element);
    const theme = new MutationObserver(rebuild);
    theme.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    const timer = setInterval(redraw, redrawMs);
    return () => {
      clearInterval(timer);
      sizes.disconnect();
      theme.disconnect();
      stack?.destroy();
    };
  }, [columns, summary, order.join(), bucketMs, steps]);
  return shown;
}

function inWords({ visits, seconds }: Summary): Omit<Shown, 'filled'> {
  const happy = happyShareOf(seconds);
  const max = dominantOf(seconds);
  return {
    visits: visits === undefined ? '' : messages.visits(visits),
    findings: [
      ...(happy === null ? [] : [messages.lookedHappy(isolated(formatShare(happy)))]),
      ...(max ? [messages.mostly(nameInText(max.label))] : []),
    ],
  };
}

import { useEffect, useRef, useState } from 'preact/hooks';
import type uPlot from 'uplot';
import { inChartOrder } from '../../expression/expressions.ts';
import { formatShare, formatTime, isolated } from '../../language/format.ts';
import { language, languages } from '../../language/language.ts';
import { messages } from '../messages/messages.ts';
import { createStack, toStackData } from './stack.ts';
import type { Columns } from './timeline.ts';

const redrawMs = 1000;

export interface ChartProps {
  readonly name: 'hour' | 'today';
  readonly title: string;
  /** What it comes to, in a few words. */
  readonly summary?: string | undefined;
  readonly labels: readonly string[];
  readonly bucketMs: number;
  /** Seconds between the times under it. */
  readonly steps: readonly number[];
  readonly columns: (order: readonly string[]) => Columns;
  /** Happy among what has a name, 0..1; null where nothing has. */
  readonly happyShare: () => number | null;
}

/** The shares of the expressions over time, as stacked columns. Its key is the list of expressions beside it. */
export function Chart({ name, title, summary, labels, bucketMs, steps, columns, happyShare }: ChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const [filled, setFilled] = useState(0);
  const [happy, setHappy] = useState('');
  const order = inChartOrder(labels);
  useEffect(() => {
    const element = host.current!;
    let plot: uPlot | undefined;
    let drawn = '';
    const redraw = () => {
      const share = happyShare();
      setHappy(share === null ? '' : messages.lookedHappy(isolated(formatShare(share))));
      const current = columns(order);
      const data = toStackData(current, order);
      // Most seconds bring no other column; then nothing is painted.
      const key = JSON.stringify(data);
      if (key === drawn) return;
      drawn = key;
      plot?.setData(data);
      setFilled(current.filled);
    };
    const rebuild = () => {
      plot?.destroy();
      plot = undefined;
      drawn = '';
      // A chart that the layout has left out.
      if (element.clientHeight === 0) return;
      const rightToLeft = languages[language].direction === 'rtl';
      plot = createStack({ element, order, bucketMs, steps, nameOf: formatTime, rightToLeft });
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
      plot?.destroy();
    };
  }, [columns, happyShare, order.join(), bucketMs, steps]);
  return (
    <section class="chart" aria-labelledby={`chart-${name}`} data-testid={`chart-${name}`} data-filled={filled}>
      <h2 id={`chart-${name}`} class="overline">
        {title} {filled > 0 && <span>{summary}</span>}
      </h2>
      <p class="overline happy" data-testid={`happy-${name}`}>
        {filled > 0 ? happy : messages.fills}
      </p>
      <div class="plot" ref={host} role="img" aria-label={messages.shares} />
    </section>
  );
}

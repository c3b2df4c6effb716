import { useMemo, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { colourKeyOf, colourOf, inChartOrder, nameOf } from '../../expression/expressions.ts';
import { canvasFont } from '../../theme/canvas-font.ts';
import { formatColumn, formatFigure, formatTick, minShare } from '../format.ts';
import { texts } from '../messages/texts.ts';
import { type Place, Plot } from '../plot.tsx';
import { type Column, cumulativeShares, totalOf } from './buckets.ts';
import type { Bucket } from './period.ts';

interface Props {
  readonly columns: readonly Column[];
  readonly bucket: Bucket;
}

/** Shares of the expressions per hour, day or week. The column under the pointer is also shown as text. */
export function MixChart({ columns, bucket, labels }: Props & { labels: readonly string[] }) {
  const [at, setAt] = useState<number>();
  const order = useMemo(() => inChartOrder(labels), [labels]);
  const data = useMemo((): uPlot.AlignedData => {
    const shares = cumulativeShares(columns, order);
    // The top of the stack first: each lower series is painted over the one above it.
    return [columns.map((_, index) => index), ...[...order].reverse().map((label) => [...shares.get(label)!])];
  }, [columns, order]);
  const column = at === undefined ? undefined : columns[at];
  return (
    <figure class="chart">
      <figcaption>
        <h3>{texts.mix}</h3>
        <p class="reading" data-testid="mix-reading">
          {column && `${formatColumn(column.start, bucket)}: ${mixOf(column, order)}`}
        </p>
      </figcaption>
      <Plot
        shape={`${order.join()} ${bucket} ${columns.length}`}
        data={data}
        options={(place) => ({
          ...columnsOptions(place, columns, bucket, setAt),
          scales: { x: xScale(columns), y: { range: [0, 1] } },
          series: [{}, ...[...order].reverse().map((label) => bars(place.colour(`expression-${colourKeyOf(label)}`)))],
        })}
      />
      <ul class="key">
        {order.map((label) => (
          <li key={label}>
            <span class="swatch" style={{ background: colourOf(label) }} aria-hidden="true" />
            {nameOf(label)}
          </li>
        ))}
      </ul>
    </figure>
  );
}

/** Visits per hour, day or week. */
export function VisitsChart({ columns, bucket }: Props) {
  const [at, setAt] = useState<number>();
  const data = useMemo(
    (): uPlot.AlignedData => [columns.map((_, index) => index), columns.map(({ visits }) => visits)],
    [columns],
  );
  const column = at === undefined ? undefined : columns[at];
  return (
    <figure class="chart chart-low">
      <figcaption>
        <h3>{texts.visitsPer[bucket]}</h3>
        <p class="reading">{column && `${formatColumn(column.start, bucket)}: ${formatFigure(column.visits)}`}</p>
      </figcaption>
      <Plot
        shape={`${bucket} ${columns.length}`}
        data={data}
        options={(place) => ({
          ...columnsOptions(place, columns, bucket, setAt),
          scales: { x: xScale(columns), y: { range: (_plot, _least, max) => [0, Math.max(4, max * 1.1)] } },
          series: [{}, bars(place.colour('action'))],
        })}
      />
    </figure>
  );
}

/** The three most frequent expressions as text. */
function mixOf({ counts }: Column, order: readonly string[]): string {
  const total = totalOf(counts);
  if (total === 0) return texts.none;
  return order
    .map((label) => ({ label, share: (counts[label] ?? 0) / total }))
    .filter(({ share }) => share >= minShare)
    .sort((one, other) => other.share - one.share)
    .slice(0, 3)
    .map(({ label, share }) => `${nameOf(label)} ${formatFigure(share, 'share')}`)
    .join(', ');
}

/** Columns have equal widths, although days and weeks of a clock change differ in length. */
function xScale(columns: readonly Column[]): uPlot.Scale {
  return { time: false, range: () => [-0.5, columns.length - 0.5] };
}

function bars(fill: string): uPlot.Series {
  return { fill, width: 0, points: { show: false }, paths: uPlot.paths.bars!({ size: [0.8, 80], radius: 0 }) };
}

function columnsOptions(
  { rem, colour }: Place,
  columns: readonly Column[],
  bucket: Bucket,
  onColumn: (at: number | undefined) => void,
): Pick<uPlot.Options, 'legend' | 'cursor' | 'axes' | 'hooks' | 'padding'> {
  const font = canvasFont(0.8 * rem);
  const axis = { stroke: colour('quiet'), font, ticks: { show: false } };
  return {
    padding: [0.4 * rem, 0, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
    axes: [
      {
        ...axis,
        size: 1.6 * rem,
        gap: 0.3 * rem,
        space: 4 * rem,
        grid: { show: false },
        incrs: [1, 2, 3, 4, 6, 7, 12, 14, 24, 48, 96, 168],
        values: (_plot, splits) => splits.map((at) => (columns[at] ? formatTick(columns[at].start, bucket) : '')),
      },
      {
        ...axis,
        size: 3 * rem,
        gap: 0.4 * rem,
        space: 2.2 * rem,
        grid: { stroke: colour('line'), width: 1 },
        values: (plot, splits) =>
          splits.map((value) =>
            plot.scales.y!.max! <= 1
              ? formatFigure(value, 'share')
              : Number.isInteger(value)
                ? formatFigure(value)
                : '',
          ),
      },
    ],
    hooks: { setCursor: [({ cursor }) => onColumn(cursor.idx ?? undefined)] },
  };
}

import { useMemo } from 'preact/hooks';
import type uPlot from 'uplot';
import { canvasFont } from '../../theme/canvas-font.ts';
import type { Performance } from '../answers.ts';
import { formatFigure } from '../format.ts';
import { texts } from '../messages/texts.ts';
import { type Place, Plot } from '../plot.tsx';
import { extent, type Moment, windowMs } from './figures.ts';

export interface Line {
  readonly name: string;
  readonly of: (figures: Performance) => number | undefined;
}

interface Props {
  readonly title: string;
  readonly moments: readonly Moment[];
  readonly lines: readonly Line[];
  readonly format: (value: number) => string;
  /** Minimum of the upper end of the scale. */
  readonly min?: number;
  readonly max: number;
}

/** The present figure in large letters, its course as a line, and its minimum and maximum as text. */
export function LineChart({ title, moments, lines, format, min = 0, max }: Props) {
  const values = lines.map(({ of }) => moments.map(({ figures }) => of(figures) ?? null));
  const data = useMemo(
    (): uPlot.AlignedData => [
      moments.map(({ at }) => at / 1000),
      ...lines.map(({ of }) => moments.map(({ figures }) => of(figures) ?? null)),
    ],
    [moments, lines],
  );
  const measured = values.some((line) => line.some((value) => value !== null));
  return (
    <figure class="tile">
      <figcaption>
        <h3>{title}</h3>
        {measured ? (
          lines.map(({ name }, at) => {
            const latest = values[at]!.at(-1);
            const range = extent(values[at]!);
            // The key leaves out figures that this board does not measure.
            if (!range) return null;
            return (
              <p key={name} class={`figure-now line-${at}`}>
                <span class="dash" aria-hidden="true" />
                <strong>{latest === null || latest === undefined ? '–' : format(latest)}</strong> {name}
                <span class="unseen">, {texts.range(format(range[0]), format(range[1]))}</span>
              </p>
            );
          })
        ) : (
          <p class="hint">{texts.noFigure}</p>
        )}
      </figcaption>
      {measured && (
        <Plot
          shape={`${title} ${lines.length}`}
          data={data}
          options={(place) => lineOptions(place, lines.length, { min, max })}
        />
      )}
    </figure>
  );
}

function lineOptions(
  { rem, colour }: Place,
  count: number,
  { min, max }: { min: number; max: number },
): Omit<uPlot.Options, 'width' | 'height'> {
  const stroke = [colour('action'), colour('quiet')];
  return {
    padding: [0.5 * rem, 0.3 * rem, 0.2 * rem, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, range: (_plot, _first, last) => [last - windowMs / 1000, last] },
      y: { range: (_plot, low, high) => [Math.min(min, low ?? min), Math.max(max, (high ?? max) * 1.05)] },
    },
    axes: [
      { show: false },
      {
        stroke: colour('quiet'),
        font: canvasFont(0.75 * rem),
        size: 3.6 * rem,
        gap: 0.3 * rem,
        space: 2 * rem,
        ticks: { show: false },
        grid: { stroke: colour('line'), width: 1 },
        // The figure above shows the unit, which is long in some languages.
        values: (_plot, splits) => splits.map((value) => formatFigure(value, 'tenths')),
      },
    ],
    series: [
      {},
      ...Array.from(
        { length: count },
        (_, at): uPlot.Series => ({
          stroke: stroke[at]!,
          width: Math.max(1.5, rem / 9),
          ...(at > 0 && { dash: [rem / 3, rem / 4] }),
          points: { show: false },
        }),
      ),
    ],
  };
}

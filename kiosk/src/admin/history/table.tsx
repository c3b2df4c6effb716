import { inChartOrder, nameOf } from '../../expression/expressions.ts';
import { formatColumn, formatFigure, formatSpan } from '../format.ts';
import { texts } from '../messages/texts.ts';
import { Scroll } from '../scroll.tsx';
import { type Column, totalOf } from './buckets.ts';
import type { Bucket } from './period.ts';

/** The data of the charts as a table, without empty columns. */
export function HistoryTable({
  columns,
  bucket,
  labels,
  happy,
}: {
  columns: readonly Column[];
  bucket: Bucket;
  labels: readonly string[];
  /** Whether the share of happy is one of the columns. */
  happy: boolean;
}) {
  const order = inChartOrder(labels);
  const rows = columns.filter(({ visits, counts }) => visits > 0 || totalOf(counts) > 0);
  return (
    <details class="as-table">
      <summary>{texts.asTable}</summary>
      <Scroll name={texts.asTable}>
        <table class="figures">
          <thead>
            <tr>
              <th scope="col">{texts.time}</th>
              <th scope="col">{texts.visits}</th>
              <th scope="col">{texts.meanStay}</th>
              {happy && <th scope="col">{texts.lookedHappy}</th>}
              {order.map((label) => (
                <th key={label} scope="col">
                  {nameOf(label)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ start, visits, dwellMs, counts, happyShare }) => (
              <tr key={start}>
                <th scope="row">{formatColumn(start, bucket)}</th>
                <td>{formatFigure(visits)}</td>
                <td>{visits > 0 ? formatSpan(dwellMs / visits) : ''}</td>
                {happy && <td>{happyShare !== null && formatFigure(happyShare, 'share')}</td>}
                {order.map((label) => (
                  <td key={label}>{formatFigure((counts[label] ?? 0) / Math.max(1, totalOf(counts)), 'share')}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </details>
  );
}

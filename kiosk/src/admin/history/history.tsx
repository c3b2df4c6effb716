import { useState } from 'preact/hooks';
import { requestApi } from '../../api/client.ts';
import { query } from '../../api/query.ts';
import { inChartOrder, nameOf } from '../../expression/expressions.ts';
import type { History as HistoryAnswer } from '../answers.ts';
import { Await } from '../await.tsx';
import { formatFigure, formatSpan } from '../format.ts';
import { useLoaded } from '../loaded.ts';
import { texts } from '../messages/texts.ts';
import { summarise, totalOf } from './buckets.ts';
import { MixChart, VisitsChart } from './charts.tsx';
import { Exports } from './exports.tsx';
import { Filters } from './filters.tsx';
import { dayOf, type Filter, type Range, rangeOf } from './period.ts';
import { HistoryTable } from './table.tsx';
import { Visits } from './visits.tsx';

/** Interval of reloads. Rare, because a bucket is at least an hour long. */
const refreshMs = 60_000;

/** The log: mix of expressions and visits per hour, day or week, as charts, tables and exports. */
export function History({ labels, now }: { labels: readonly string[]; now: () => number }) {
  const [filter, setFilter] = useState<Filter>(() => {
    const today = dayOf(now());
    return { period: 'today', bucket: 'hour', label: '', from: today, to: today };
  });
  const range = rangeOf(filter, now());
  const order = inChartOrder(labels);
  return (
    <>
      <Filters filter={filter} labels={order} onChange={setFilter} />
      {range ? (
        <>
          <Charts range={range} filter={filter} labels={order} />
          <Visits range={range} label={filter.label} />
          <Exports range={range} filter={filter} />
        </>
      ) : (
        <p class="failure" role="alert">
          {texts.badPeriod}
        </p>
      )}
    </>
  );
}

function Charts({ range, filter, labels }: { range: Range; filter: Filter; labels: readonly string[] }) {
  const { bucket, label } = filter;
  const tz = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const path = `/history${query({ ...range, bucket, tz, label })}`;
  const loaded = useLoaded<HistoryAnswer>(path, (signal) => requestApi(path, { signal }), {
    everyMs: refreshMs,
  });
  return (
    <section class="panel history" aria-labelledby="history-title">
      <h2 id="history-title" class="unseen">
        {texts.history}
      </h2>
      <Await loaded={loaded}>{(answer) => <Shown answer={answer} filter={filter} labels={labels} />}</Await>
    </section>
  );
}

function Shown({
  answer: { buckets: columns, happyShare },
  filter: { bucket, label },
  labels,
}: {
  answer: HistoryAnswer;
  filter: Filter;
  labels: readonly string[];
}) {
  const { visits, meanStayMs, dominant } = summarise(columns);
  if (columns.every((column) => column.visits === 0 && totalOf(column.counts) === 0)) {
    return <p class="empty">{texts.historyEmpty}</p>;
  }
  const shown = label ? [label] : labels;
  return (
    <>
      <dl class="summary" data-testid="summary">
        <div>
          <dt>{texts.visits}</dt>
          <dd>{formatFigure(visits)}</dd>
        </div>
        <div>
          <dt>{texts.meanStay}</dt>
          <dd>{meanStayMs === undefined ? texts.none : formatSpan(meanStayMs)}</dd>
        </div>
        <div>
          <dt>{texts.dominant}</dt>
          <dd>{dominant ? `${nameOf(dominant.label)} ${formatFigure(dominant.share, 'share')}` : texts.none}</dd>
        </div>
        {/* With a filter for one expression it would be 0 % or 100 %. */}
        {!label && (
          <div>
            <dt>{texts.lookedHappy}</dt>
            <dd data-testid="happy">
              {happyShare === null ? texts.none : texts.happyPeople(formatFigure(happyShare, 'share'))}
            </dd>
          </div>
        )}
      </dl>
      <MixChart columns={columns} bucket={bucket} labels={shown} />
      <VisitsChart columns={columns} bucket={bucket} />
      <HistoryTable columns={columns} bucket={bucket} labels={shown} happy={!label} />
    </>
  );
}

import { useEffect, useState } from 'preact/hooks';
import { uncertain } from '../../../../device/core/labels.ts';
import type { Visit } from '../../../../device/core/types.ts';
import { requestApi } from '../../api/client.ts';
import { query } from '../../api/query.ts';
import { colourOf, inChartOrder, nameOf } from '../../expression/expressions.ts';
import { dominantReason, reasonName } from '../../expression/reasons.ts';
import type { Visits as VisitsAnswer } from '../answers.ts';
import { Await } from '../await.tsx';
import { formatFigure, formatMoment, formatSpan, minShare } from '../format.ts';
import { useLoaded } from '../loaded.ts';
import { texts } from '../messages/texts.ts';

const pageSize = 25;

/** The visits of a period, newest first, page by page. */
export function Visits({ range, label }: { range: { from: number; to: number }; label: string }) {
  const key = `${range.from} ${range.to} ${label}`;
  /** Cursors of the earlier pages and of this one. The newest page has none. */
  const [trail, setTrail] = useState<readonly (string | undefined)[]>([undefined]);
  // A new period starts at its newest page.
  useEffect(() => setTrail([undefined]), [key]);
  const cursor = trail.at(-1);
  const loaded = useLoaded<VisitsAnswer>(`${key} ${cursor}`, (signal) =>
    requestApi(`/visits${query({ ...range, label, limit: pageSize, cursor })}`, { signal }),
  );
  return (
    <section class="panel" aria-labelledby="visits-title">
      <h2 id="visits-title">{texts.visits}</h2>
      <Await loaded={loaded}>
        {({ visits, next }) =>
          visits.length === 0 ? (
            <p class="empty">{texts.visitsEmpty}</p>
          ) : (
            <>
              <VisitsTable visits={visits} />
              <nav class="pager" aria-label={texts.visits}>
                <button
                  type="button"
                  class="button"
                  disabled={trail.length === 1}
                  onClick={() => setTrail(trail.slice(0, -1))}
                >
                  {texts.newer}
                </button>
                <output>
                  {texts.pageOf((trail.length - 1) * pageSize + 1, (trail.length - 1) * pageSize + visits.length)}
                </output>
                <button
                  type="button"
                  class="button"
                  disabled={next === undefined}
                  onClick={() => setTrail([...trail, next])}
                >
                  {texts.older}
                </button>
              </nav>
            </>
          )
        }
      </Await>
    </section>
  );
}

function VisitsTable({ visits }: { visits: readonly Visit[] }) {
  return (
    <table class="visits" data-testid="visits">
      <thead>
        <tr>
          <th scope="col">{texts.time}</th>
          <th scope="col">{texts.stay}</th>
          <th scope="col">{texts.expression}</th>
          <th scope="col">{texts.shares}</th>
          <th scope="col">{texts.lookedHappy}</th>
          <th scope="col">{texts.clearest}</th>
          <th scope="col">{texts.confidence}</th>
        </tr>
      </thead>
      <tbody>
        {visits.map((visit) => (
          <tr key={visit.id}>
            <td>
              <time dateTime={new Date(visit.startedAt).toISOString()}>{formatMoment(visit.startedAt)}</time>
            </td>
            <td>{formatSpan(visit.dwellMs)}</td>
            <td>{visit.dominant === uncertain ? <Unnamed visit={visit} /> : <Named label={visit.dominant} />}</td>
            <td>{visit.dominant !== uncertain && <Shares shares={visit.shares} />}</td>
            <Figures visit={visit} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Cells about named moments, empty for a visit without any. */
function Figures({ visit: { happyShare, strongest, confidence } }: { visit: Visit }) {
  return (
    <>
      <Figure name={texts.lookedHappy}>{happyShare !== null && formatFigure(happyShare, 'share')}</Figure>
      <Figure name={texts.clearest}>
        {strongest && `${nameOf(strongest.label)} ${formatFigure(strongest.probability, 'share')}`}
      </Figure>
      <Figure name={texts.confidence}>{confidence !== null && formatFigure(confidence, 'share')}</Figure>
    </>
  );
}

/** A cell. A phone shows its name before a value, and nothing for an empty cell. */
function Figure({ name, children }: { name: string; children: string | false | null }) {
  return <td data-name={children ? name : undefined}>{children}</td>;
}

/** A visit without a recognised expression, with its most frequent reason. */
function Unnamed({ visit: { reasons } }: { visit: Visit }) {
  const reason = dominantReason(reasons);
  return (
    <span class="named" data-testid="unnamed">
      <span class="swatch" style={{ background: colourOf(uncertain) }} aria-hidden="true" />
      {reason ? texts.unnamedBecause(reasonName(reason)) : texts.unnamed}
    </span>
  );
}

/** Name of an expression beside its colour. */
export function Named({ label }: { label: string }) {
  return (
    <span class="named">
      <span class="swatch" style={{ background: colourOf(label) }} aria-hidden="true" />
      {nameOf(label)}
    </span>
  );
}

/** Shares of a visit as a coloured strip, and as text for screen readers. */
function Shares({ shares }: Pick<Visit, 'shares'>) {
  const order = inChartOrder(Object.keys(shares)).filter((label) => shares[label]! > 0);
  // Shares that would read as 0 % are left out.
  const visible = order.filter((label) => shares[label]! >= minShare);
  const spoken = visible.map((label) => `${nameOf(label)} ${formatFigure(shares[label]!, 'share')}`).join(', ');
  return (
    <span class="strip" role="img" aria-label={spoken} title={spoken}>
      {order.map((label) => (
        <span key={label} style={{ flexGrow: shares[label]!, background: colourOf(label) }} />
      ))}
    </span>
  );
}

import { useEffect, useState } from 'preact/hooks';
import { uncertain } from '../../../../device/core/labels.ts';
import type { Visit } from '../../../../device/core/types.ts';
import { ask } from '../../api/client.ts';
import { query } from '../../api/query.ts';
import { colourOf, inChartOrder, nameOf } from '../../expression/expressions.ts';
import { mostFrequentReason, reasonName } from '../../expression/reasons.ts';
import type { Visits as VisitsAnswer } from '../answers.ts';
import { Await } from '../await.tsx';
import { formatFigure, formatMoment, formatSpan, leastShare } from '../format.ts';
import { useLoaded } from '../loaded.ts';
import { texts } from '../messages/texts.ts';

const pageSize = 25;

/** The visits of a period, newest first, page by page. */
export function Visits({ range, label }: { range: { from: number; to: number }; label: string }) {
  const key = `${range.from} ${range.to} ${label}`;
  /** Cursors of the pages before this one, and its own; the newest page has none. */
  const [trail, setTrail] = useState<readonly (string | undefined)[]>([undefined]);
  // Another period starts at its newest page.
  useEffect(() => setTrail([undefined]), [key]);
  const cursor = trail.at(-1);
  const loaded = useLoaded<VisitsAnswer>(`${key} ${cursor}`, (signal) =>
    ask(`/visits${query({ ...range, label, limit: pageSize, cursor })}`, { signal }),
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

/** What belongs to named moments; nothing for a visit that has none. */
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

/** A cell that a phone shows with its name before it, where there is something to show. */
function Figure({ name, children }: { name: string; children: string | false | null }) {
  return <td data-name={children ? name : undefined}>{children}</td>;
}

/** A visit in which no expression was recognised, and what was most often the reason. */
function Unnamed({ visit: { reasons } }: { visit: Visit }) {
  const reason = mostFrequentReason(reasons);
  return (
    <span class="named" data-testid="unnamed">
      <span class="swatch" style={{ background: colourOf(uncertain) }} aria-hidden="true" />
      {reason ? texts.unnamedBecause(reasonName(reason)) : texts.unnamed}
    </span>
  );
}

/** An expression's name with its colour beside it. */
export function Named({ label }: { label: string }) {
  return (
    <span class="named">
      <span class="swatch" style={{ background: colourOf(label) }} aria-hidden="true" />
      {nameOf(label)}
    </span>
  );
}

/** A strip as wide as the stay, in the colours of what was shown; in words for those who do not see it. */
function Shares({ shares }: Pick<Visit, 'shares'>) {
  const order = inChartOrder(Object.keys(shares)).filter((label) => shares[label]! > 0);
  // What would read as 0 % is left out.
  const said = order.filter((label) => shares[label]! >= leastShare);
  const spoken = said.map((label) => `${nameOf(label)} ${formatFigure(shares[label]!, 'share')}`).join(', ');
  return (
    <span class="strip" role="img" aria-label={spoken} title={spoken}>
      {order.map((label) => (
        <span key={label} style={{ flexGrow: shares[label]!, background: colourOf(label) }} />
      ))}
    </span>
  );
}

import { formatUnit } from '../../language/units.ts';
import type { Performance } from '../answers.ts';
import { texts } from '../messages/texts.ts';

/** Time per stage of a frame: the bar is the median, its end the 95th percentile. */
export function Stages({ stages }: Pick<Performance, 'stages'>) {
  const rows = Object.entries(stages);
  const longest = Math.max(1, ...rows.map(([, { p95 }]) => p95));
  return (
    <section class="tile stages" aria-labelledby="stages-title">
      <h3 id="stages-title">{texts.stages}</h3>
      {rows.length === 0 ? (
        <p class="hint">{texts.noFigure}</p>
      ) : (
        <table>
          <thead class="unseen">
            <tr>
              <th scope="col">{texts.stages}</th>
              <th scope="col">{texts.median}</th>
              <th scope="col">{texts.p95}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(([name, { p50, p95 }]) => (
              <tr key={name}>
                <th scope="row">{texts.stage[name] ?? name}</th>
                <td>
                  <span class="spread" aria-hidden="true">
                    <span class="spread-p95" style={{ inlineSize: `${(p95 / longest) * 100}%` }} />
                    <span class="spread-p50" style={{ inlineSize: `${(p50 / longest) * 100}%` }} />
                  </span>
                  {milliseconds(p50)}
                </td>
                <td>{milliseconds(p95)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function milliseconds(value: number): string {
  return formatUnit(value, 'millisecond', value < 10 ? 1 : 0);
}

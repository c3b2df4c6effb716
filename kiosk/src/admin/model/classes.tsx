import { colourOf } from '../../expression/expressions.ts';
import { formatFigure } from '../format.ts';
import { Named } from '../history/visits.tsx';
import { texts } from '../messages/texts.ts';
import { Scroll } from '../scroll.tsx';
import type { ClassFigures } from './figures.ts';

/** How good the model is at each expression, and on how many faces that was measured. */
export function Classes({ figures }: { figures: readonly ClassFigures[] }) {
  return (
    <section class="panel" aria-labelledby="classes-title">
      <h2 id="classes-title">{texts.perClass}</h2>
      <Scroll name={texts.perClass}>
        <table class="classes" data-testid="classes">
          <thead>
            <tr>
              <th scope="col">{texts.expression}</th>
              <th scope="col">{texts.precisionOf}</th>
              <th scope="col">{texts.recallOf}</th>
              <th scope="col">F1</th>
              <th scope="col">{texts.support}</th>
            </tr>
          </thead>
          <tbody>
            {figures.map(({ label, precision, recall, f1, support }) => (
              <tr key={label}>
                <th scope="row">
                  <Named label={label} />
                </th>
                {[precision, recall, f1].map((share, at) => (
                  // The three columns never change their order.
                  <td key={at}>
                    <span class="metered">
                      <span class="bar" aria-hidden="true">
                        <span class="bar-fill" style={{ inlineSize: `${share * 100}%`, background: colourOf(label) }} />
                      </span>
                      {formatFigure(share, 'share')}
                    </span>
                  </td>
                ))}
                <td>{formatFigure(support)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <p class="hint">
        {texts.precisionOf}: {texts.precisionHint}. {texts.recallOf}: {texts.recallHint}.
      </p>
    </section>
  );
}

import { nameOf } from '../../expression/expressions.ts';
import { formatFigure } from '../format.ts';
import { texts } from '../messages/texts.ts';
import { Scroll } from '../scroll.tsx';
import { type Question, rowShares } from './figures.ts';

/** The confusion matrix as a table; the darker a cell, the larger its share of the row. */
export function Confusion({
  labels,
  confusion,
  question,
}: {
  labels: readonly string[];
  confusion: readonly (readonly number[])[];
  question: Question;
}) {
  const shares = rowShares(confusion);
  return (
    <section class="panel" aria-labelledby="confusion-title">
      <h2 id="confusion-title">{texts.confusion}</h2>
      <p class="hint">{texts.confusionHint[question]}</p>
      <Scroll name={texts.confusion}>
        <table class="confusion" data-testid="confusion">
          <thead>
            <tr>
              <th scope="col">
                {texts.truth[question]} \ {texts.named}
              </th>
              {labels.map((label) => (
                <th key={label} scope="col">
                  {nameOf(label)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shares.map((row, truth) => (
              <tr key={labels[truth]}>
                <th scope="row">{nameOf(labels[truth] ?? '')}</th>
                {row.map((share, named) => (
                  <td
                    key={labels[named]}
                    class={truth === named ? 'right' : undefined}
                    style={{ '--share': `${Math.round(share * 100)}%` }}
                    title={formatFigure(confusion[truth]![named]!)}
                  >
                    {formatFigure(share * 100)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}

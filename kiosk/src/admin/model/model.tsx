import { useState } from 'preact/hooks';
import { requestApi } from '../../api/client.ts';
import { nameInText } from '../../expression/expressions.ts';
import { formatUnit } from '../../language/units.ts';
import type { Model as ModelAnswer } from '../answers.ts';
import { Await } from '../await.tsx';
import { formatFigure } from '../format.ts';
import { useLoaded } from '../loaded.ts';
import { texts } from '../messages/texts.ts';
import { Classes } from './classes.tsx';
import { Confusion } from './confusion.tsx';
import { classFigures, type Evaluation, evaluationOf, type Measured, weakest } from './figures.ts';

const precisions = ['int8', 'fp32'] as const;
type Precision = (typeof precisions)[number];

type Card = ModelAnswer['card'];

/** The model: its card, its figures, and its limits. */
export function Model() {
  const loaded = useLoaded<ModelAnswer>('model', (signal) => requestApi('/model', { signal }));
  return <Await loaded={loaded}>{(answer) => <Shown {...answer} />}</Await>;
}

function Shown({ card, inUse: { precision: inUse, detector } }: ModelAnswer) {
  const measured = precisions.filter((each) => evaluationOf(card, each));
  const [chosen, setChosen] = useState<Precision>();
  const precision = chosen ?? (inUse && measured.includes(inUse) ? inUse : measured[0]);
  const evaluation = precision && evaluationOf(card, precision);
  return (
    <>
      <section class="panel" aria-labelledby="model-title">
        <div class="panel-head">
          <h2 id="model-title">{card.name}</h2>
          {measured.length > 1 && (
            <fieldset class="choices" aria-label={texts.precision}>
              {measured.map((each) => (
                <label key={each}>
                  <input type="radio" name="precision" checked={each === precision} onChange={() => setChosen(each)} />
                  <span>{each === inUse ? `${each} (${texts.modelInUse})` : each}</span>
                </label>
              ))}
            </fieldset>
          )}
        </div>
        <p data-testid="question">{texts.question[card.answers]}</p>
        {evaluation && <Figures evaluation={evaluation} />}
        <Facts card={card} detector={detector} />
      </section>
      <Limits card={card} measured={evaluation?.leading} />
      {evaluation?.leading.confusion && (
        <>
          <Confusion labels={card.labels} confusion={evaluation.leading.confusion} question={evaluation.question} />
          <Classes figures={classFigures(card.labels, evaluation.leading)} />
        </>
      )}
    </>
  );
}

function Figures({ evaluation: { question, leading, compared } }: { evaluation: Evaluation }) {
  const { n, split, accuracy, macroRecall, macroF1, calibrationError } = leading;
  const isPeople = question === 'people';
  const rows: readonly (readonly [string, number | undefined, string])[] = [
    isPeople ? [texts.agreement, accuracy, texts.agreementHint] : [texts.accuracy, accuracy, texts.accuracyHint],
    isPeople ? [texts.macroRecall, macroRecall, texts.macroRecallHint] : [texts.macroF1, macroF1, texts.macroF1Hint],
    [texts.calibrationError, calibrationError, texts.calibrationHint],
  ];
  return (
    <>
      <dl class="summary" data-testid="figures">
        {rows.map(
          ([name, value, hint]) =>
            value !== undefined && (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{formatFigure(value, 'exactShare')}</dd>
                <dd class="hint">{hint}</dd>
              </div>
            ),
        )}
      </dl>
      <p class="hint">{texts.measuredOn(split ?? '', formatFigure(n))}</p>
      {compared && (
        <p class="hint" data-testid="compared">
          {texts.compared(formatFigure(compared.accuracy, 'exactShare'), formatFigure(compared.n))}
        </p>
      )}
    </>
  );
}

function Facts({ card, detector }: { card: Card; detector: string | undefined }) {
  const { training } = card;
  const files = precisions.flatMap((each) => card.files[each] ?? []);
  const trained = [training.date, training.config, training.commit && String(training.commit).slice(0, 10)];
  return (
    <dl class="facts">
      {detector && (
        <>
          <dt>{texts.detector}</dt>
          <dd>{detector}</dd>
        </>
      )}
      <dt>{texts.files}</dt>
      <dd>
        {files.map(({ file, bytes }) => (
          <p key={file}>
            <code>{file}</code> {formatUnit(bytes / 1e6, 'megabyte', 1)}
          </p>
        ))}
      </dd>
      {typeof training.parameters === 'number' && (
        <>
          <dt>{texts.parameters}</dt>
          <dd>{formatFigure(training.parameters)}</dd>
        </>
      )}
      {card.data && (
        <>
          <dt>{texts.data}</dt>
          <dd lang="en">{card.data.join('; ')}</dd>
        </>
      )}
      <dt>{texts.trained}</dt>
      <dd>{trained.filter(Boolean).join(', ')}</dd>
      <dt>{texts.licence}</dt>
      <dd lang="en" dir="auto">
        {card.licence}
      </dd>
    </dl>
  );
}

function Limits({ card, measured }: { card: Card; measured: Measured | undefined }) {
  const worst = measured && weakest(classFigures(card.labels, measured));
  return (
    <section class="panel" aria-labelledby="limits-title">
      <h2 id="limits-title">{texts.limits}</h2>
      <ul class="points" data-testid="limits">
        <li>{texts.limitMeaning}</li>
        {worst && <li>{texts.limitWeakest(nameInText(worst.label), formatFigure(worst.recall, 'share'))}</li>}
        {card.sensitivity && <li>{texts.limitUncertain(formatFigure(card.sensitivity.balanced.below, 'share'))}</li>}
        {card.reject && <li>{texts.limitReject(formatFigure(card.reject.threshold, 'exactShare'))}</li>}
        {card.temperature !== undefined && (
          <li>{texts.limitTemperature(formatFigure(card.temperature, 'thousandths'))}</li>
        )}
        <li>{texts.limitData}</li>
      </ul>
    </section>
  );
}

import { useState } from 'preact/hooks';
import { ask } from '../../api/client.ts';
import { nameOf } from '../../expression/expressions.ts';
import { formatUnit } from '../../language/units.ts';
import type { Model as ModelAnswer } from '../answers.ts';
import { Await } from '../await.tsx';
import { formatFigure } from '../format.ts';
import { useLoaded } from '../loaded.ts';
import { texts } from '../messages/texts.ts';
import { Classes } from './classes.tsx';
import { Confusion } from './confusion.tsx';
import { classFigures, type Metrics, weakest } from './figures.ts';

const precisions = ['int8', 'fp32'] as const;
type Precision = (typeof precisions)[number];

type Card = ModelAnswer['card'];

/** What the model is, how well it does, and what it cannot do. */
export function Model() {
  const loaded = useLoaded<ModelAnswer>('model', (signal) => ask('/model', { signal }));
  return <Await loaded={loaded}>{(answer) => <Shown {...answer} />}</Await>;
}

function Shown({ card, inUse: { precision: inUse, detector } }: ModelAnswer) {
  const measured = precisions.filter((each) => card.metrics[each]?.[card.answers]);
  const [chosen, setChosen] = useState<Precision>();
  const precision = chosen ?? (inUse && measured.includes(inUse) ? inUse : measured[0]);
  const metrics: Metrics | undefined = precision && card.metrics[precision][card.answers];
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
        {metrics && <Figures metrics={metrics} />}
        <Facts card={card} detector={detector} />
      </section>
      <Limits card={card} metrics={metrics} />
      {metrics?.confusion && (
        <>
          <Confusion labels={card.labels} confusion={metrics.confusion} />
          <Classes figures={classFigures(card.labels, metrics)} />
        </>
      )}
    </>
  );
}

function Figures({ metrics }: { metrics: Metrics }) {
  const rows = [
    [texts.accuracy, formatFigure(metrics.accuracy, 'exactShare'), texts.accuracyHint],
    [texts.macroF1, formatFigure(metrics.macroF1, 'exactShare'), texts.macroF1Hint],
    metrics.calibrationError !== undefined && [
      texts.calibrationError,
      formatFigure(metrics.calibrationError, 'exactShare'),
      texts.calibrationHint,
    ],
  ].filter((row) => row !== false);
  return (
    <>
      <dl class="summary">
        {rows.map(([name, value, hint]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
            <dd class="hint">{hint}</dd>
          </div>
        ))}
      </dl>
      <p class="hint">{texts.measuredOn(metrics.split, formatFigure(metrics.n))}</p>
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

function Limits({ card, metrics }: { card: Card; metrics: Metrics | undefined }) {
  const worst = metrics && weakest(classFigures(card.labels, metrics));
  return (
    <section class="panel" aria-labelledby="limits-title">
      <h2 id="limits-title">{texts.limits}</h2>
      <ul class="points" data-testid="limits">
        <li>{texts.limitMeaning}</li>
        {worst && <li>{texts.limitWeakest(nameOf(worst.label), formatFigure(worst.recall, 'share'))}</li>}
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

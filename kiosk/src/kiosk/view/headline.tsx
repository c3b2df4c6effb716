import type { Face } from '../../../../device/core/types.ts';
import { nameOf } from '../../expression/expressions.ts';
import { EmptyGlyph, Glyph } from '../../expression/glyph.tsx';
import { formatShare } from '../../language/format.ts';
import { messages } from '../messages/messages.ts';

/** The apparent expression of whoever stands nearest, to be read from across the room. */
export function Headline({ face, people, live }: { face: Face | undefined; people: number; live: boolean }) {
  if (!face) return <Nobody live={live} />;
  // None where the face is uncertain: the largest of the bars beside it would read as "how uncertain".
  const probability = face.probabilities[face.label];
  return (
    <section class="headline" aria-labelledby="headline-title">
      <div class="headline-top">
        <Glyph label={face.label} />
        <div>
          <h2 id="headline-title">{messages.apparentExpression}</h2>
          <p data-testid="people">{messages.people(people)}</p>
        </div>
      </div>
      <p class="word" data-testid="dominant" data-label={face.label}>
        {nameOf(face.label)}
      </p>
      {probability === undefined ? (
        <p class="hint">{messages.uncertainHint}</p>
      ) : (
        <p class="certainty">
          <span class="bar" aria-hidden="true">
            <span class="bar-fill accent" style={{ transform: `scaleX(${probability})` }} />
          </span>
          <span class="figure">{formatShare(probability)}</span>
        </p>
      )}
    </section>
  );
}

function Nobody({ live }: { live: boolean }) {
  return (
    <section class="headline headline-empty" aria-labelledby="headline-title">
      <div class="headline-top">
        <EmptyGlyph />
        <h2 id="headline-title">{messages.apparentExpression}</h2>
      </div>
      <p class="word" data-testid="dominant" data-label="">
        {live ? messages.nobody : messages.noReading}
      </p>
      <p class="hint">{live ? messages.nobodyHint : messages.noReadingHint}</p>
    </section>
  );
}

import type { Face } from '../../../../device/core/types.ts';
import { nameOf } from '../../expression/expressions.ts';
import { EmptyGlyph, Glyph } from '../../expression/glyph.tsx';
import { probabilityOf, reasonOf } from '../../expression/reasons.ts';
import { formatShare } from '../../language/format.ts';
import { messages } from '../messages/messages.ts';

/** The apparent expression of the nearest person, readable from across the room. */
export function Headline({ face, people, live }: { face: Face | undefined; people: number; live: boolean }) {
  if (!face) return <Nobody live={live} />;
  const probability = probabilityOf(face);
  const reason = reasonOf(face) ?? 'unknown';
  return (
    <section class="headline" aria-labelledby="headline-title">
      <div class="headline-top">
        <Glyph label={face.label} />
        <div>
          <h2 id="headline-title">{messages.apparentExpression}</h2>
          <p data-testid="people">{messages.people(people)}</p>
        </div>
      </div>
      <Word text={nameOf(face.label)} label={face.label} />
      {probability === undefined ? (
        <p class="hint unnamed" data-testid="unnamed" data-reason={reason}>
          {messages.unnamed[reason]}
        </p>
      ) : (
        <p class="certainty">
          <span class="bar" aria-hidden="true">
            <span class="bar-fill accent" style={{ '--share': String(probability) }} />
          </span>
          <span class="figure">{formatShare(probability)}</span>
        </p>
      )}
    </section>
  );
}

/** The word in the largest letters that fit the column. */
function Word({ text, label }: { text: string; label: string }) {
  return (
    <p class="word" data-testid="dominant" data-label={label} style={{ '--letters': String(text.length) }}>
      {text}
    </p>
  );
}

function Nobody({ live }: { live: boolean }) {
  return (
    <section class="headline headline-empty" aria-labelledby="headline-title">
      <div class="headline-top">
        <EmptyGlyph />
        <h2 id="headline-title">{messages.apparentExpression}</h2>
      </div>
      <Word text={live ? messages.nobody : messages.noReading} label="" />
      <p class="hint">{live ? messages.invitation : messages.noReadingHint}</p>
    </section>
  );
}

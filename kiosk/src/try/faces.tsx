import { uncertain } from '../../../device/core/labels.ts';
import { colourOf, inChartOrder, nameOf } from '../expression/expressions.ts';
import { Glyph } from '../expression/glyph.tsx';
import { capitalised, hasEvidence, reasonName, reasonOf } from '../expression/reasons.ts';
import { formatNumber, formatShare } from '../language/format.ts';
import { formatUnit } from '../language/units.ts';
import type { Found, FoundFace } from './classify.ts';
import { texts } from './messages/texts.ts';

/** A card per face, from left to right, with all its bars. */
export function Faces({ found }: { found: Found }) {
  if (found.faces.length === 0) {
    return (
      <div class="nothing" data-testid="none">
        <h2>{texts.none}</h2>
        <p>{texts.noneHint}</p>
      </div>
    );
  }
  return (
    <section aria-labelledby="faces-title" class="faces">
      <div>
        <h2 id="faces-title">{texts.found(found.faces.length)}</h2>
        <p class="hint">{texts.foundIn(formatUnit(found.ms, 'millisecond'))}</p>
      </div>
      <ol>
        {found.faces.map((face, at) => (
          // A face has no id but its place in the list.
          <Face key={at} face={face} number={at + 1} />
        ))}
      </ol>
      <p class="hint">{texts.meaning}</p>
    </section>
  );
}

function Face({ face, number }: { face: FoundFace; number: number }) {
  const { label } = face;
  const reason = reasonOf(face);
  return (
    <li class="face" data-testid="face" data-label={label} style={{ '--accent': colourOf(label) }}>
      <h3>
        <Glyph label={label} />
        <span>
          <span class="hint">{texts.face(formatNumber(number))}</span>
          {nameOf(label)}
        </span>
      </h3>
      {label === uncertain && (
        <p class="hint" data-testid="unnamed">
          {reason ? capitalised(reasonName(reason)) : texts.uncertainHint}
        </p>
      )}
      {hasEvidence(face) && <Bars face={face} />}
    </li>
  );
}

/** All probabilities; without figures if the face has no name. */
function Bars({ face: { label, probabilities } }: { face: FoundFace }) {
  return (
    <ul class="bars">
      {inChartOrder(Object.keys(probabilities)).map((each) => (
        <li key={each}>
          <span>{nameOf(each)}</span>
          <span class="bar" aria-hidden="true">
            <span
              class="bar-fill"
              style={{ inlineSize: `${probabilities[each]! * 100}%`, background: colourOf(each) }}
            />
          </span>
          {label !== uncertain && <span class="figure">{formatShare(probabilities[each]!)}</span>}
        </li>
      ))}
    </ul>
  );
}

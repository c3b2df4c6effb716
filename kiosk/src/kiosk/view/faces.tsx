import { uncertain } from '../../../../device/core/labels.ts';
import type { Face } from '../../../../device/core/types.ts';
import { colourOf, inChartOrder, nameOf } from '../../expression/expressions.ts';
import { Glyph } from '../../expression/glyph.tsx';
import { hasEvidence, probabilityOf, reasonName, reasonOf } from '../../expression/reasons.ts';
import { formatShare } from '../../language/format.ts';
import { bySize } from '../live/overlay.ts';
import { messages } from '../messages/messages.ts';

/** Maximum number of cards: the room of a 7-inch screen. */
const maxCards = 8;

/**
 * One person: all expressions as bars, which are also the key to the charts. Several: one card each. Bars move by
 * transforms, which the compositor animates without a layout.
 *
 * @param labels of the charts; `uncertain` among them has no probability
 */
export function Faces({ faces, labels }: { faces: readonly Face[]; labels: readonly string[] }) {
  const order = inChartOrder(labels);
  if (faces.length > 1) return <FaceCards faces={faces} labels={order.filter((label) => label !== uncertain)} />;
  return (
    <section class="faces" aria-labelledby="faces-title">
      <h2 id="faces-title" class="unseen">
        {messages.allExpressions}
      </h2>
      <Bars labels={order} face={faces[0]} />
    </section>
  );
}

/** Key to the charts, and probabilities of a face. A face without a name has no figures: they would read as "how unclear". */
function Bars({ labels, face }: { labels: readonly string[]; face: Face | undefined }) {
  const probabilities = face && hasEvidence(face) ? face.probabilities : undefined;
  const isNamed = face !== undefined && face.label !== uncertain;
  return (
    <ul class="bars">
      {labels.map((label) => {
        const share = probabilities?.[label] ?? 0;
        return (
          <li key={label} style={{ '--accent': colourOf(label) }}>
            <span class="swatch accent" aria-hidden="true" />
            <span class="bar-name">{nameOf(label)}</span>
            {label !== uncertain && (
              <>
                <span class="bar" aria-hidden="true">
                  <span class="bar-fill accent" style={{ '--share': String(share) }} />
                </span>
                <span class="figure">{isNamed ? formatShare(share) : ''}</span>
              </>
            )}
          </li>
        );
      })}
    </ul>
  );
}

/** The largest faces, from left to right. */
function nearest(faces: readonly Face[]): Face[] {
  const chosen = new Set(bySize(faces).slice(-maxCards));
  return faces.filter((face) => chosen.has(face));
}

function FaceCards({ faces, labels }: { faces: readonly Face[]; labels: readonly string[] }) {
  const more = faces.length - maxCards;
  return (
    <section class="faces" aria-labelledby="faces-title">
      <h2 id="faces-title" class="unseen">
        {messages.eachFace}
      </h2>
      <ul class="cards" data-count={Math.min(faces.length, maxCards)}>
        {nearest(faces).map((face) => (
          <Card key={face.track} face={face} labels={labels} />
        ))}
      </ul>
      {more > 0 && <p class="hint">{messages.more(more)}</p>}
    </section>
  );
}

function Card({ face, labels }: { face: Face; labels: readonly string[] }) {
  const probability = probabilityOf(face);
  return (
    <li class="card" data-testid="card" style={{ '--accent': colourOf(face.label) }}>
      {face.label === uncertain ? (
        <Unnamed face={face} />
      ) : (
        <div class="card-body">
          <p class="card-name">
            <strong>{nameOf(face.label)}</strong>
            {probability !== undefined && <span class="figure">{formatShare(probability)}</span>}
          </p>
          <Columns face={face} labels={labels} />
        </div>
      )}
    </li>
  );
}

/** A face without a name has its reason in place of probabilities. */
function Unnamed({ face }: { face: Face }) {
  const reason = reasonOf(face);
  return (
    <p class="card-body card-unnamed" data-reason={reason}>
      <strong>{nameOf(face.label)}</strong>
      {reason && <span>{reasonName(reason)}</span>}
    </p>
  );
}

function Columns({ face, labels }: { face: Face; labels: readonly string[] }) {
  return (
    <div class="columns" aria-hidden="true">
      {labels.map((label) => (
        <span key={label} class="column" style={{ '--accent': colourOf(label) }}>
          <span class="column-track">
            <span class="column-fill accent" style={{ '--share': String(face.probabilities[label] ?? 0) }} />
          </span>
          <Glyph label={label} />
        </span>
      ))}
    </div>
  );
}

import { colourOf, nameOf } from '../../expression/expressions.ts';
import { Glyph } from '../../expression/glyph.tsx';
import { messages } from '../messages/messages.ts';

/** Invites people who pass by, and is the key to the colours of the charts. */
export function Attract({ labels }: { labels: readonly string[] }) {
  return (
    <section class="attract" aria-labelledby="attract-title" data-testid="attract">
      <h2 id="attract-title" class="invitation">
        {messages.invitation}
      </h2>
      <p class="hint">{messages.invitationHint}</p>
      <ul class="key" aria-label={messages.theExpressions}>
        {labels.map((label, index) => (
          <li key={label} style={{ '--turn-of': String(index), '--accent': colourOf(label) }}>
            <Glyph label={label} />
            {nameOf(label)}
          </li>
        ))}
      </ul>
    </section>
  );
}

import { Facts } from '../facts.tsx';
import { formatSpan } from '../format.ts';
import type { Live, LiveFeed } from '../live.ts';
import { Mark } from '../mark.tsx';
import { texts } from '../messages/texts.ts';
import { Control } from './control.tsx';
import { partsOf } from './parts.ts';
import { PerformancePanel } from './performance.tsx';
import { Preview } from './preview.tsx';

/** The present state of the device, and its controls. */
export function Now({ feed, live }: { feed: LiveFeed; live: Live }) {
  return (
    <>
      <div class="beside">
        <Parts live={live} />
        <Preview feed={feed} live={live} />
        <Control live={live} />
      </div>
      <PerformancePanel />
    </>
  );
}

function verdictOf(paused: boolean, bad: number): string {
  if (bad > 0) return texts.attention(bad);
  return paused ? texts.pausedVerdict : texts.allWell;
}

/** Each part with its state. A part that needs attention has its reason, and is counted in the title. */
function Parts({ live: { device } }: { live: Live }) {
  const parts = device ? partsOf(device, Date.now()) : [];
  const bad = parts.filter(({ tone }) => tone === 'bad').length;
  return (
    <section class="panel parts" aria-labelledby="parts-title">
      <h2 id="parts-title" data-testid="verdict">
        {device ? verdictOf(device.paused, bad) : texts.loading}
      </h2>
      <ul>
        {parts.map(({ name, tone, state, facts, reason }) => (
          <li key={name} data-tone={tone} data-testid={`part-${name}`}>
            <Mark tone={tone} />
            <strong>{texts.part[name]}</strong>
            <span class="state">{state}</span>
            <span class="facts-line">
              <Facts facts={facts} />
            </span>
            {reason && (
              <p class="reason" lang="en" dir="auto">
                {reason}
              </p>
            )}
          </li>
        ))}
      </ul>
      {device && <p class="hint">{texts.upFor(formatSpan(device.uptimeSeconds * 1000))}</p>}
    </section>
  );
}

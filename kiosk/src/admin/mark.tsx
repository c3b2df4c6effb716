export type Tone = 'good' | 'working' | 'bad' | 'off';

/** One shape per tone (dot, ring, triangle, dash), so that nothing depends on colour alone. */
export function Mark({ tone }: { tone: Tone }) {
  return (
    <svg class={`mark mark-${tone}`} viewBox="0 0 12 12" aria-hidden="true">
      {tone === 'good' && <circle cx="6" cy="6" r="4.4" />}
      {tone === 'working' && <circle cx="6" cy="6" r="3.8" class="mark-line" />}
      {tone === 'bad' && <path d="M6 .8l5.6 10H.4z" />}
      {tone === 'off' && <path d="M1.5 6h9" class="mark-line" />}
    </svg>
  );
}

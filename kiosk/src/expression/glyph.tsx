import type { JSX } from 'preact';
import { expressionOf } from './expressions.ts';
import type { Expression } from './known.ts';

const eyes = (
  <>
    <circle class="glyph-dot" cx="17.5" cy="20.5" r="2.1" />
    <circle class="glyph-dot" cx="30.5" cy="20.5" r="2.1" />
  </>
);

const faces: Readonly<Record<Expression, JSX.Element>> = {
  neutral: (
    <>
      {eyes}
      <path d="M16.5 31h15" />
    </>
  ),
  happy: (
    <>
      {eyes}
      <path d="M14.5 27.5c4.2 7.6 14.8 7.6 19 0" />
    </>
  ),
  surprise: (
    <>
      {eyes}
      <path d="M14 14.6c1.7-2 5-2 6.7 0M27.3 14.6c1.7-2 5-2 6.7 0" />
      <ellipse cx="24" cy="32" rx="3.9" ry="5" />
    </>
  ),
  sad: (
    <>
      {eyes}
      <path d="M13.6 16.8l6.2-2.6M34.4 16.8l-6.2-2.6" />
      <path d="M15.8 34.2c3.6-5.6 12.8-5.6 16.4 0" />
    </>
  ),
  fear: (
    <>
      {eyes}
      <path d="M13.4 16.4l6.4-3.4M34.6 16.4l-6.4-3.4" />
      <path d="M14.5 32.5c1.6-3.4 3.2-3.4 4.75 0s3.15 3.4 4.75 0 3.2-3.4 4.75 0 3.15 3.4 4.75 0" />
    </>
  ),
  disgust: (
    <>
      <path d="M14 18.6l6.6 2.6-6.6 2.4M34 18.6l-6.6 2.6 6.6 2.4" />
      <path d="M15.5 33c3.4-5 7.2-4 9.6-1.4 2 2.2 5 2 7.4-.8" />
    </>
  ),
  angry: (
    <>
      <circle class="glyph-dot" cx="17.5" cy="22" r="2.1" />
      <circle class="glyph-dot" cx="30.5" cy="22" r="2.1" />
      <path d="M13 15.4l7.4 3.6M35 15.4l-7.4 3.6" />
      <path d="M16.4 33.6c3.4-3.8 11.8-3.8 15.2 0" />
    </>
  ),
};

/** A line drawing of the expression. Hidden from screen readers, because the name stands beside it. */
export function Glyph({ label }: { label: string }) {
  const expression = expressionOf(label);
  return (
    <svg class="glyph" viewBox="0 0 48 48" aria-hidden="true">
      <circle cx="24" cy="24" r="20.5" stroke-dasharray={expression ? undefined : '5.2 4.6'} />
      {expression ? faces[expression] : eyes}
    </svg>
  );
}

/** An empty outline for no person. */
export function EmptyGlyph() {
  return (
    <svg class="glyph" viewBox="0 0 48 48" aria-hidden="true">
      <g stroke-dasharray="5.2 4.6">
        <circle cx="24" cy="16" r="11" />
        <path d="M4.5 45c1.4-10 9.2-14.6 19.5-14.6S42.100 35 43.500 45" />
      </g>
    </svg>
  );
}

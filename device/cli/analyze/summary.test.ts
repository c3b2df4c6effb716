import { expect, test } from 'vitest';
import type { UncertainReason } from '../../core/labels.ts';
import { Summary } from './summary.ts';

const face = (track: number, label: string, reason?: UncertainReason) => ({ track, label, ...(reason && { reason }) });

test('a line per person with the share of each label, why it was uncertain, and how often it changed', () => {
  const summary = new Summary();
  const first = [
    face(1, 'uncertain', 'turned'),
    face(1, 'uncertain', 'turned'),
    face(1, 'uncertain', 'dark'),
    face(1, 'neutral'),
    face(1, 'happy'),
  ];
  for (const [index, each] of first.entries())
    summary.add(index * 15, index === 4 ? [each, face(2, 'neutral')] : [each]);
  summary.add(90, []);
  expect(summary).toMatchObject({ frames: 6, framesWithFace: 5, maxFaces: 2 });
  expect(summary.personLines()).toEqual([
    '  person  1  0.0 to 60.0 s, 5 frames: uncertain 60% (turned 40%, dark 20%), neutral 20%, happy 20%; 1 label change (1.0 a minute)',
    '  person  2  60.0 to 60.0 s, 1 frames: neutral 100%; 0 label changes',
    'looked happy: 33% of the time that people were given an expression',
  ]);
});

test('people without any label have no happy share', () => {
  const summary = new Summary();
  summary.add(0, [face(1, 'uncertain', 'small')]);
  expect(summary.personLines().at(-1)).toBe('looked happy: unknown, no face was given an expression');
});

test('a recording without faces', () => {
  const summary = new Summary();
  summary.add(0, []);
  expect(summary.personLines()).toEqual(['no faces found']);
});

import { expect, test } from 'vitest';
import { chooseTheme } from './theme.ts';

const contrast = '(prefers-contrast: more)';
const light = '(prefers-color-scheme: light)';

test.each<[string | undefined, readonly string[], string]>([
  ['light', [contrast], 'light'],
  ['contrast', [], 'contrast'],
  ['auto', [light], 'light'],
  ['auto', [light, contrast], 'contrast'],
  [undefined, [], 'dark'],
  ['pink', [], 'dark'],
])('%j where the browser prefers %j is %s', (wanted, prefers, expected) => {
  expect(chooseTheme(wanted, (query) => prefers.includes(query))).toBe(expected);
});

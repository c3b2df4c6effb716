import { expect, test } from 'vitest';
import { targetOf } from './target.ts';

const origin = 'https://lobby:8080';

test.each([
  [null, 'admin'],
  ['/try', '/try'],
  ['/?lang=ur', '/?lang=ur'],
  ['/admin/../try', '/try'],
  ['/login?next=/login', 'admin'],
  ['/mien/login', 'admin'],
  ['/mien/try', '/mien/try'],
  ['//evil.example', 'admin'],
  ['/\\evil.example', 'admin'],
  ['https://evil.example', 'admin'],
  ['javascript:alert(1)', 'admin'],
  ['', 'admin'],
])('from %j to %s', (next, target) => {
  expect(targetOf(next, origin, 'operator')).toBe(target);
});

test('a viewer is sent to a page for operators only if that was requested', () => {
  expect(targetOf(null, origin, 'viewer')).toBe('./');
});

import { expect, test } from 'vitest';
import { chooseLanguage } from './language.ts';

test.each([
  ['ur', ['de'], 'ur'],
  ['FR-ca', [], 'fr'],
  ['auto', ['tlh', 'es-MX', 'en'], 'es'],
  [undefined, ['de-AT', 'en'], 'de'],
  ['klingon', ['pt'], 'en'],
  ['constructor', ['toString'], 'en'],
])('%j with a browser of %j gives %s', (wanted, preferred, expected) => {
  expect(chooseLanguage(wanted, preferred)).toBe(expected);
});

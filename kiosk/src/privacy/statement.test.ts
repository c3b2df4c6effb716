import { expect, test } from 'vitest';
import { configSchema } from '../../../device/config/schema.ts';
import { privacyNotice } from '../../../device/ops/privacy.ts';
import { messages as de } from './messages/de.ts';
import { en } from './messages/en.ts';
import { messages as es } from './messages/es.ts';
import { messages as fr } from './messages/fr.ts';
import { messages as ur } from './messages/ur.ts';
import { statementOf } from './statement.ts';

const token = 'x'.repeat(32);
const configs = [{}, { mqtt: { enabled: false } }, { http: { host: '0.0.0.0', token } }].map((one) =>
  configSchema.parse(one),
);

test.each(Object.entries({ en, de, fr, es, ur }))(
  'every statement that the device makes is known in %s',
  (_name, { items }) => {
    for (const config of configs) {
      for (const item of privacyNotice(config).items) {
        const statement = statementOf(item, items);
        expect(statement.isOwn, item.code).toBe(false);
        expect(statement.text).not.toMatch(/undefined|NaN/);
        for (const value of Object.values(item.params ?? {})) {
          if (item.code !== 'seen-over-network') expect(statement.text).toContain(String(value));
        }
      }
    }
  },
);

test('the English texts are those of the device', () => {
  for (const config of configs) {
    for (const item of privacyNotice(config).items) expect(statementOf(item, en.items).text).toBe(item.text);
  }
});

test('an unknown statement of a newer device is shown in the device’s words', () => {
  const item = { code: 'constructor', text: 'Something new.' };
  expect(statementOf(item, de.items)).toEqual({ text: 'Something new.', isOwn: true });
});

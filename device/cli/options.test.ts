import { expect, test } from 'vitest';
import { configSchema } from '../config/schema.ts';
import { reproducible } from './options.ts';

const classifyOf = (classify: object) => reproducible(configSchema.parse({ classify }).classify);

test('automatic choices become int8 on one thread', () => {
  expect(classifyOf({})).toMatchObject({ precision: 'int8', threads: 1 });
});

test('explicit settings are kept', () => {
  expect(classifyOf({ precision: 'fp32', threads: 2 })).toMatchObject({ precision: 'fp32', threads: 2 });
});

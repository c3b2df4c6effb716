import { expect, test } from 'vitest';
import { configSchema } from '../config/schema.ts';
import { reproducible } from './options.ts';

const classifyOf = (classify: object) => reproducible(configSchema.parse({ classify }).classify);

test('what is measured does not depend on how busy the machine was at the start: int8 on one thread', () => {
  expect(classifyOf({})).toMatchObject({ precision: 'int8', threads: 1 });
});

test('unless it was asked for otherwise', () => {
  expect(classifyOf({ precision: 'fp32', threads: 2 })).toMatchObject({ precision: 'fp32', threads: 2 });
});

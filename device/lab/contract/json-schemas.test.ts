import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../core/paths.ts';
import { jsonSchemaFiles } from './json-schemas.ts';

test('the JSON Schemas in the repository are those of the schemas; `npm run contract` writes them', () => {
  const folder = join(packageRoot, 'device', 'contract', 'json');
  const written = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]);
  expect(Object.fromEntries(written)).toEqual(Object.fromEntries(jsonSchemaFiles()));
});

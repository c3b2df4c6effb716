/** `npm run contract`: writes the JSON Schemas of everything that leaves the process. */
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../core/paths.ts';
import { jsonSchemaFiles } from './json-schemas.ts';

const folder = join(packageRoot, 'device', 'contract', 'json');
const files = jsonSchemaFiles();

for (const name of readdirSync(folder)) if (!files.has(name)) rmSync(join(folder, name));
for (const [name, text] of files) writeFileSync(join(folder, name), text);
console.log(`${files.size} JSON Schemas in ${folder}`);

/** `npm run contract`: writes the JSON Schemas of everything that leaves the process, the AsyncAPI and the OpenAPI document. */
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../core/paths.ts';
import { contractFiles } from './files.ts';

const folder = join(packageRoot, 'device', 'contract');
const files = contractFiles();

for (const name of readdirSync(join(folder, 'json')))
  if (!files.has(`json/${name}`)) rmSync(join(folder, 'json', name));
for (const [name, text] of files) writeFileSync(join(folder, name), text);
console.log(`${files.size} files in ${folder}`);

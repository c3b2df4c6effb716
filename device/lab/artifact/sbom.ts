import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ErrorObject } from 'ajv';
import { exitCode, MienError } from '../../core/errors.ts';
import { runProgram } from '../../core/run-program.ts';
import { checkIntegrity } from '../../release/sources.ts';
import { findNpm } from '../../setup/modules.mjs';

/** The package that brings CycloneDX's schemas along (Apache-2.0). */
const library = {
  name: '@cyclonedx/cyclonedx-library',
  version: '10.3.0',
  file: 'cyclonedx-cyclonedx-library-10.3.0.tgz',
  integrity: 'sha512-RIT28sp1U0PCHaaeF3yNRwk6Jig/XJ8UsYAVOMYaHQ+0VVOvsjcp0PTWQFLUqJFF8XMud+Kdq6G+wtDAh+QJFA==',
};

/** Validates a bill of materials against the schema of CycloneDX 1.6. @returns what is wrong with it, at most five faults */
export async function faultsOfSbom(sbom: unknown, lab: string): Promise<readonly string[]> {
  const schemas = await fetchSchemas(join(lab, 'cyclonedx'));
  const read = (name: string) => JSON.parse(readFileSync(join(schemas, `${name}.SNAPSHOT.schema.json`), 'utf8'));
  // The formats (date-time, iri-reference) would need a package of their own.
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  for (const name of ['spdx', 'jsf-0.82'])
    ajv.addSchema(read(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
  const validate = ajv.compile(read('bom-1.6'));
  if (validate(sbom)) return [];
  return (validate.errors ?? []).slice(0, 5).map(describe);
}

async function fetchSchemas(folder: string): Promise<string> {
  const schemas = join(folder, 'package/res/schema');
  if (existsSync(schemas)) return schemas;
  mkdirSync(folder, { recursive: true });
  const [npm, ...first] = findNpm(process.env);
  const pack = [
    ...first,
    'pack',
    `${library.name}@${library.version}`,
    '--ignore-scripts',
    '--pack-destination',
    folder,
  ];
  await mustRun(npm, pack, 'Check that the npm registry can be reached (npm ping)');
  const file = join(folder, library.file);
  checkIntegrity(file, library);
  await mustRun('tar', ['--extract', '--file', file, '--directory', folder], 'Delete it and start again');
  return schemas;
}

async function mustRun(file: string, args: readonly string[], remedy: string): Promise<void> {
  const { code, stderr } = await runProgram(file, args, 120_000);
  if (code === 0) return;
  throw new MienError(`expected ${file} to end well, got ${code}: ${stderr.trim().split('\n').at(-1)}`, {
    code: exitCode.unavailable,
    remedy,
  });
}

function describe({ instancePath, message }: ErrorObject): string {
  return `${instancePath || 'the file'} ${message}`;
}

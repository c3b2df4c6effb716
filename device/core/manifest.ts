import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { exitCode, MienError } from './errors.ts';
import { packageRoot } from './paths.ts';

const manifestSchema = z.strictObject({
  schema: z.literal(1),
  models: z.array(
    z.strictObject({
      name: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/),
      task: z.string(),
      file: z.string().regex(/^[\w.-]+\.onnx$/),
      url: z.url({ protocol: /^https?$/ }),
      bytes: z.int().positive(),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
      licence: z.string(),
      about: z.string(),
    }),
  ),
});

export type Manifest = z.output<typeof manifestSchema>;
/** A model that is not in the repository, with the one file that is accepted for it. */
export type PinnedModel = Manifest['models'][number];

/** The folder with the models that Mien ships, unless the configuration names another. */
export const shippedModelsDir = join(packageRoot, 'models');

/** The models that can be downloaded, with address, size and sha256. */
export function readManifest(file = join(shippedModelsDir, 'manifest.json')): Manifest {
  const parsed = manifestSchema.safeParse(readJson(file));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw badManifest(file, `${issue?.path.join('.')}: ${issue?.message}`);
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
    remedy: 'Restore it from the repository',
  });
}

import { exitCode, MienError } from '../../core/errors.ts';
import type { PinnedModel } from '../../core/manifest.ts';
import { findNpm } from '../../setup/modules.mjs';
import { ffmpegSource, opencvSource } from '../sources.ts';
import type { Target } from '../target.ts';
import { outputOf } from '../workshop.ts';

/** The part of CycloneDX that is read or changed here. */
export interface Sbom {
  readonly metadata: { readonly component: { readonly 'bom-ref': string; readonly properties?: unknown } };
  readonly components: readonly { readonly 'bom-ref': string; readonly name: string }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}

interface Described {
  readonly target: Target;
  readonly models: readonly PinnedModel[];
  /** Time of the commit, ISO 8601. */
  readonly released: string;
}

/** npm's list of the packages of the lock file, those of other platforms too. @param folder with the lock file */
export async function sbomOfModules(folder: string): Promise<Sbom> {
  const [npm, ...first] = findNpm(process.env);
  const text = await outputOf(
    npm,
    [...first, 'sbom', '--sbom-format=cyclonedx', '--omit=dev', '--package-lock-only'],
    folder,
  );
  try {
    return JSON.parse(text) as Sbom;
  } catch (cause) {
    throw new MienError(`expected npm sbom to print JSON, got ${JSON.stringify(text.slice(0, 80))}`, {
      code: exitCode.unavailable,
      remedy: 'npm 10 or newer is needed: npm --version',
      cause,
    });
  }
}

/**
 * Adds what npm does not know (Node, OpenCV with its libraries, FFmpeg, models), and takes out what differs from run to run.
 * @returns CycloneDX 1.6
 */
export function completeSbom(npm: Sbom, { target, models, released }: Described): object {
  const root = npm.metadata.component['bom-ref'];
  const extra = [
    library('node', target.node.version, 'MIT', `pkg:npm/${target.node.package}@${target.node.version}`),
    library('opencv', opencvSource.version, 'Apache-2.0', 'pkg:pypi/opencv-python-headless@4.14.0.94'),
    library('ffmpeg', ffmpegSource.version, 'LGPL-2.1-or-later', `pkg:deb/debian/ffmpeg@${ffmpegSource.version}`),
    ...models.map(({ name, licence, sha256 }) => ({
      ...{ type: 'machine-learning-model', 'bom-ref': `model:${name}`, name },
      hashes: [{ alg: 'SHA-256', content: sha256 }],
      licenses: [{ license: { name: licence } }],
    })),
  ];
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      timestamp: released,
      lifecycles: [{ phase: 'build' }],
      // npm calls it after the folder.
      component: { ...withoutPaths(npm.metadata.component), type: 'application', name: 'mien' },
    },
    components: [...npm.components.map(withoutPaths), ...extra],
    dependencies: [
      ...npm.dependencies.map(({ ref, dependsOn = [] }) => ({
        ref,
        dependsOn: ref === root ? [...dependsOn, ...extra.map((each) => each['bom-ref'])] : dependsOn,
      })),
      ...extra.map((each) => ({ ref: each['bom-ref'], dependsOn: [] })),
    ],
  };
}

function library(name: string, version: string, id: string, purl: string) {
  return { type: 'library', 'bom-ref': purl, name, version, purl, licenses: [{ license: { id } }] };
}

/** npm notes where a package lies; the reader of an archive sees that. */
function withoutPaths<T extends object>(component: T): T {
  const { properties: _, ...rest } = component as T & { properties?: unknown };
  return rest as T;
}

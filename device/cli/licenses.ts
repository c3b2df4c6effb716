import { readdirSync } from 'node:fs';
import { Command } from 'commander';
import { suggest } from '../config/suggest.ts';
import { exitCode, MienError } from '../core/errors.ts';
import { readManifest, shippedModelsDir } from '../core/manifest.ts';
import { readCard } from '../core/model-card.ts';
import { isPackaged, packageRoot } from '../core/paths.ts';
import { type NativePart, nativeParts } from './licenses/native-parts.ts';
import { installedPackages, type LicensedPackage, licenceTextOf } from './licenses/packages.ts';

interface LicensedModel {
  readonly name: string;
  readonly licence: string;
  /** Training data. */
  readonly data: readonly string[];
}

/** `mien licenses` */
export function licensesCommand(): Command {
  return new Command('licenses')
    .description('List the licences of all packages, models and fonts that Mien uses; the texts with --text or a name.')
    .argument('[package]', 'print the licence text of this package')
    .option('--text', 'print the licence texts of all packages')
    .option('--json', 'print JSON, without the texts')
    .action((name: string | undefined, options: { text?: boolean; json?: boolean }) => {
      const packages = installedPackages();
      const wanted = name === undefined ? packages : packagesNamed(name, packages);
      process.stdout.write(
        options.json
          ? `${JSON.stringify({ packages: wanted, models: models(), ...nativeParts(isPackaged) }, null, 2)}\n`
          : options.text || name !== undefined
            ? wanted.map(describeText).join('\n')
            : describeAll(packages, isPackaged),
      );
    });
}

/** Models that come with Mien, and those that it downloads. */
export function models(): readonly LicensedModel[] {
  const cards = readdirSync(shippedModelsDir).filter((file) => /^[^.]+\.json$/.test(file) && file !== 'manifest.json');
  const shipped = cards.map((file) => readCard(shippedModelsDir, file.replace('.json', '')));
  return [...readManifest().models, ...shipped].map(({ name, licence, data }) => ({ name, licence, data }));
}

function packagesNamed(name: string, packages: readonly LicensedPackage[]): readonly LicensedPackage[] {
  const found = packages.filter((each) => each.name === name);
  if (found.length > 0) return found;
  const near = suggest(
    name,
    packages.map((each) => each.name),
  );
  throw new MienError(`Mien uses no package ${JSON.stringify(name)}`, {
    code: exitCode.usage,
    remedy: near ? `Did you mean ${near}?` : 'mien licenses lists all',
  });
}

function describeText(each: LicensedPackage): string {
  const text = licenceTextOf(each) ?? `This package ships no text. Its package.json says: ${each.licence ?? 'nothing'}`;
  return `== ${each.name} ${each.version}: ${each.licence ?? 'unknown'}\n\n${text}\n`;
}

/** @param packaged whether this is an installed release, which has native parts inside */
export function describeAll(packages: readonly LicensedPackage[], packaged: boolean): string {
  const { system, artifact } = nativeParts(packaged);
  return [
    'Mien itself: no licence yet (UNLICENSED). Nobody may copy it without asking its owner.',
    '',
    'Packages and fonts (texts: mien licenses --text):',
    ...packages.map(({ name, version, licence }) => `  ${name} ${version}: ${licence ?? 'unknown'}`),
    '',
    'Models:',
    ...models().map(({ name, licence, data }) => `  ${name}: ${licence}; trained on ${data.join(', ')}`),
    '',
    ...describeParts(`Inside this release, in ${packageRoot}:`, artifact),
    ...describeParts('Of the system, not part of Mien:', system),
  ].join('\n');
}

function describeParts(title: string, parts: readonly NativePart[]): readonly string[] {
  if (parts.length === 0) return [];
  return [title, ...parts.map(({ name, licence, use, text }) => `  ${name}: ${licence}; ${use}; text: ${text}`), ''];
}

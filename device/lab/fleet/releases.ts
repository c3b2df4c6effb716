import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256Of } from '../../install/verify/archive.ts';
import { publish } from '../../release/publish.ts';
import { publicKeyText, readSecretKey, writeKeyPair } from '../../release/sign.ts';

/** A release that differs from the given archive in its version and in one fault. */
interface Variant {
  readonly version: string;
  /** Changes the unpacked tree. */
  readonly spoil?: (tree: string) => void;
  /** Metadata that was signed 40 days ago for 30. */
  readonly isExpired?: boolean;
}

/** The vision process opens the camera and sends no frame. */
const blind = "if (message.type === 'reading') return Promise.resolve();";

/** The releases of the trial, in the order of their versions. */
export const variants = {
  first: { version: '0.1.0' },
  good: { version: '0.1.1' },
  blind: { version: '0.1.2', spoil: (tree) => rewrite(tree, visionMain, (text) => blinded(text, blind)) },
  blindOnThird: { version: '0.1.3', spoil: (tree) => rewrite(tree, visionMain, blindOnThird) },
  next: { version: '0.1.4' },
  later: { version: '0.1.5' },
  newerSchema: { version: '0.1.6', spoil: (tree) => rewrite(tree, schemaFile, addMigration) },
  expired: { version: '0.1.7', isExpired: true },
} as const satisfies Readonly<Record<string, Variant>>;

export type ReleaseName = keyof typeof variants;

const visionMain = 'device/dist/vision/main.js';
const schemaFile = 'device/dist/sinks/sqlite/tables/schema.js';
const dayMs = 86_400_000;

export interface Releases {
  /** Folder that a mirror serves, by the name of the release. */
  readonly folders: Readonly<Record<ReleaseName, string>>;
  readonly publicKey: string;
}

/**
 * Packs the archive again under other versions, each with its own fault, and signs all with a key of the trial. The archives are
 * kept in the folder for the next trial of the same archive.
 */
export async function makeReleases(archive: string, folder: string): Promise<Releases> {
  const keyFile = join(folder, 'trial.key');
  const mark = join(folder, 'archive.sha256');
  // Of the archive, and of this file, which knows the faults.
  const sums = `${await sha256Of(archive)} ${await sha256Of(fileURLToPath(import.meta.url))}`;
  if (!existsSync(mark) || readFileSync(mark, 'utf8') !== sums) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    writeKeyPair(keyFile, `${keyFile}.pub`);
    packAll(archive, folder, publicKeyText(readSecretKey(keyFile)));
    writeFileSync(mark, sums);
  }
  for (const [name, { isExpired }] of Object.entries<Variant>(variants)) {
    const now = Date.now() - (isExpired ? 40 * dayMs : 0);
    await publish({ folder: join(folder, name), channel: 'stable', keyFile, now, days: 30 });
  }
  const folders = Object.fromEntries(Object.keys(variants).map((name) => [name, join(folder, name)]));
  return { folders: folders as Record<ReleaseName, string>, publicKey: `${keyFile}.pub` };
}

function packAll(archive: string, folder: string, publicKey: string): void {
  console.log('Packing the releases of the trial (some minutes)');
  const source = join(folder, 'source');
  mkdirSync(source);
  execFileSync('tar', ['-xzf', archive, '-C', source]);
  const [root] = readdirSync(source);
  for (const [name, variant] of Object.entries<Variant>(variants)) {
    mkdirSync(join(folder, name));
    pack(join(source, root!), join(folder, name), variant, publicKey);
  }
  rmSync(source, { recursive: true });
}

function pack(source: string, out: string, { version, spoil }: Variant, publicKey: string): void {
  const name = `mien-${version}`;
  const tree = join(out, name);
  // Files are shared with the source; those that differ are written anew.
  execFileSync('cp', ['-al', source, tree]);
  write(tree, 'release.pub', publicKey);
  for (const file of ['package.json', 'release.json']) setVersion(tree, file, version);
  spoil?.(tree);
  const { arch } = JSON.parse(readFileSync(join(tree, 'release.json'), 'utf8')) as { arch: string };
  const file = join(out, `${name}-${arch}.tar.gz`);
  const options = ['--owner=0', '--group=0', '--numeric-owner', '--use-compress-program=gzip -1'];
  execFileSync('tar', [...options, '-cf', file, '-C', out, name]);
  rmSync(tree, { recursive: true });
}

/** Sees no frame on the third host, and on the others it does. */
function blindOnThird(text: string): string {
  const imported = "import { hostname } from 'node:os';\n";
  return imported + blinded(text, `if (hostname() === 'entrance') { ${blind} }`);
}

function blinded(text: string, condition: string): string {
  return text.replace('function send(message) {\n', (start) => `${start}    ${condition}\n`);
}

/** A migration that an older Mien does not know. */
function addMigration(text: string): string {
  return text
    .replace(
      /\n\];\nexport const schemaVersion/,
      "\n  'ALTER TABLE visits ADD COLUMN trial TEXT',\n];\nexport const schemaVersion",
    )
    .replace(/export const formatVersion = \d+;/, 'export const formatVersion = schemaVersion;');
}

function setVersion(tree: string, path: string, version: string): void {
  const described = JSON.parse(readFileSync(join(tree, path), 'utf8')) as object;
  write(tree, path, `${JSON.stringify({ ...described, version }, undefined, 2)}\n`);
}

function rewrite(tree: string, path: string, change: (text: string) => string): void {
  const before = readFileSync(join(tree, path), 'utf8');
  const after = change(before);
  if (after === before) throw new Error(`${path}: the trial expected another text: adapt device/lab/fleet/releases.ts`);
  write(tree, path, after);
}

/** A new file, so that the one it was linked to stays as it is. */
function write(tree: string, path: string, text: string): void {
  rmSync(join(tree, path), { force: true });
  writeFileSync(join(tree, path), text);
}

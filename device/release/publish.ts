import { readdirSync, writeFileSync } from 'node:fs';
import { readFile as readBytes, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { exitCode, MienError } from '../core/errors.ts';
import { sha256Of } from '../install/verify/archive.ts';
import { type Channel, readChannel } from '../install/verify/channel.ts';
import { readPublicKey } from '../install/verify/minisign.ts';
import { parseRelease } from '../install/verify/release.ts';
import { publicKeyText, readSecretKey, type SecretKey, signatureOf } from './sign.ts';
import { writeJson } from './tree/tree.ts';
import { outputOf } from './workshop.ts';

export interface Publication {
  /** Folder with the archives; what a mirror serves. */
  readonly folder: string;
  readonly channel: string;
  readonly keyFile: string;
  /** Wall clock, ms. */
  readonly now: number;
  /** The metadata holds for so many days; undefined: as the release says. */
  readonly days?: number;
}

const dayMs = 86_400_000;

/**
 * Describes and signs the archives of a folder: `SHA256SUMS`, `mien-<channel>.json`, and a `.minisig` for each. Run it again
 * before the metadata expires.
 */
export async function publish({ folder, channel, keyFile, now, days }: Publication): Promise<Channel> {
  const key = readSecretKey(keyFile);
  const found = await Promise.all(archivesIn(folder).map((file) => describeArchive(folder, file)));
  const [first] = found;
  if (!first || new Set(found.map(({ release }) => release.commit)).size > 1) {
    throw new MienError(
      `expected archives of one commit in ${folder}, got ${found.map(({ artifact }) => artifact.file).join(', ') || 'none'}`,
      { code: exitCode.noInput, remedy: 'Put the archives of one release there: npm run package -- --out DIR' },
    );
  }
  const { version, versionFloor: floor, released, expires } = first.release;
  const times =
    days === undefined ? { signed: released, expires } : { signed: iso(now), expires: iso(now + days * dayMs) };
  const artifacts = found.map(({ artifact }) => artifact);
  const metadata: Channel = { schema: 1, channel, version, floor, ...times, artifacts };
  const name = `mien-${channel}.json`;
  writeJson(join(folder, name), metadata);
  await sign(join(folder, name), `mien ${channel} ${version}`, key);
  const sums = artifacts.map(({ sha256, file }) => `${sha256}  ${file}\n`).join('');
  writeFileSync(join(folder, 'SHA256SUMS'), sums);
  await sign(join(folder, 'SHA256SUMS'), `mien ${version}`, key);
  return await readBack(folder, name, key);
}

async function sign(file: string, comment: string, key: SecretKey): Promise<void> {
  writeFileSync(`${file}.minisig`, signatureOf(await readBytes(file), comment, key));
}

/** Reads the metadata as a device does. */
async function readBack(folder: string, name: string, key: SecretKey): Promise<Channel> {
  const [bytes, signature] = [await readBytes(join(folder, name)), await readBytes(join(folder, `${name}.minisig`))];
  return readChannel(name, bytes, signature.toString('utf8'), [readPublicKey(publicKeyText(key))]);
}

async function describeArchive(folder: string, file: string) {
  const path = join(folder, file);
  const root = file.replace(/-(x64|arm64)\.tar\.gz$/, '');
  const text = await outputOf('tar', ['--extract', '--gzip', '--to-stdout', '--file', path, `${root}/release.json`]);
  const release = parseRelease(`release.json of ${file}`, () => text);
  const { arch, unpackedBytes } = release;
  const artifact = { arch, file, bytes: (await stat(path)).size, unpackedBytes, sha256: await sha256Of(path) };
  return { release, artifact };
}

function archivesIn(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((file) => /^mien-.*-(x64|arm64)\.tar\.gz$/.test(file))
    .sort();
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

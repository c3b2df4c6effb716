import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { exitCode, MienError } from '../../core/errors.ts';
import type { Host } from '../host/host.ts';
import type { Releases } from '../host/releases.ts';
import { sha256Of, verifyArchive } from '../verify/archive.ts';
import { type Artifact, type Channel, chooseArtifact, type Device, readChannel } from '../verify/channel.ts';
import type { PublicKey } from '../verify/minisign.ts';
import { type Lack, preflight, probeNative, thisMachine } from '../verify/preflight.ts';
import type { ReleaseSource } from './source.ts';
import { unpack } from './unpack.ts';

/** Metadata and signatures are small. */
const maxMetadataBytes = 100_000;

export interface Offer {
  readonly channel: Channel;
  readonly artifact: Artifact;
}

/** What a mirror offers this device. @throws MienError with the reason if it must not be installed */
export async function offerFor(
  source: ReleaseSource,
  name: string,
  { keys, device }: { keys: readonly PublicKey[]; device: Device },
): Promise<Offer> {
  const file = `mien-${name}.json`;
  const bytes = await source.read(file, maxMetadataBytes);
  const signature = await source.read(`${file}.minisig`, maxMetadataBytes);
  const channel = readChannel(file, bytes, signature.toString('utf8'), keys);
  if (channel.channel !== name) {
    throw new MienError(`${file}: expected the channel ${name}, got ${channel.channel}`, {
      code: exitCode.badData,
      remedy: 'The mirror mixes channels: tell its operator',
    });
  }
  return { channel, artifact: chooseArtifact(channel, device) };
}

/** Brings a release onto the disk: fetched, compared, unpacked and tried. It is not in use yet. */
export async function placeRelease(
  host: Host,
  releases: Releases,
  source: ReleaseSource,
  { channel, artifact }: Offer,
): Promise<void> {
  const { version } = channel;
  if (releases.isComplete(version)) return;
  const archive = join(host.at.downloads, artifact.file);
  requireSpace(host, artifact);
  mkdirSync(host.at.downloads, { recursive: true, mode: 0o700 });
  if (!(existsSync(archive) && (await sha256Of(archive)) === artifact.sha256)) {
    host.say(`Fetching ${artifact.file} (${Math.round(artifact.bytes / 1e6)} MB) from ${source.name}`);
    await source.fetch(artifact.file, artifact.bytes, archive);
  }
  try {
    await verifyArchive(archive, artifact);
    host.say(`Unpacking ${basename(archive)}`);
    await unpack(archive, releases.folder(version));
  } finally {
    // A damaged one must not be taken again, and a good one is on the disk now.
    rmSync(host.at.downloads, { recursive: true, force: true });
  }
  await tryRelease(releases, version);
  await releases.markComplete(version);
}

/** Checks that an unpacked release can run here. @throws MienError with everything that is missing; the release is removed */
async function tryRelease(releases: Releases, version: string): Promise<void> {
  const folder = releases.folder(version);
  try {
    const release = releases.describe(version);
    if (release.version !== version) {
      throw new MienError(`Expected Mien ${version} in the archive, got ${release.version}`, {
        code: exitCode.badData,
        remedy: 'Tell its publisher',
      });
    }
    await requireRunnable(folder, releases);
  } catch (error) {
    releases.remove(version);
    throw error;
  }
}

/** @param folder an unpacked release. @throws MienError with what it lacks here */
export async function requireRunnable(folder: string, releases: Releases, version = basename(folder)): Promise<void> {
  const here = thisMachine(folder);
  // It is unpacked already.
  const lacks = preflight({ ...releases.describe(version), unpackedBytes: 0 }, here);
  const missing: readonly Lack[] = lacks.length > 0 ? lacks : await probeNative(folder);
  const [first] = missing;
  if (first === undefined) return;
  throw new MienError(`Mien ${version} does not run here: ${missing.map(({ message }) => message).join('; ')}`, {
    code: exitCode.unavailable,
    remedy: first.remedy,
  });
}

/** Before the download: the archive and its files lie side by side for a while. */
function requireSpace(host: Host, { bytes, unpackedBytes }: Artifact): void {
  const { freeBytes } = thisMachine(host.at.releases);
  const needed = bytes + unpackedBytes + 100e6;
  if (freeBytes >= needed) return;
  throw new MienError(
    `expected ${Math.round(needed / 1e6)} MB of free space at ${host.at.releases}, got ${Math.round(freeBytes / 1e6)} MB`,
    { code: exitCode.cannotWrite, remedy: 'Free some space there' },
  );
}

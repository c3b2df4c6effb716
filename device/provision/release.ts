import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exitCode, MienError } from '../core/errors.ts';
import { packageRoot } from '../core/paths.ts';
import { releaseSource } from '../install/fetch/source.ts';
import { chooseArtifact, readChannel } from '../install/verify/channel.ts';
import { readPublicKeys } from '../install/verify/minisign.ts';
import type { Plan } from './plan.ts';

const maxBytes = 100_000;

export interface ReleaseChoice {
  readonly mirror: string;
  readonly channel: string;
  readonly arch: 'arm64' | 'x64';
  /** File with the trusted keys; by default that of this release. */
  readonly keyFile: string | undefined;
  /** Wall clock, ms. */
  readonly now: number;
}

/**
 * The newest release of a mirror, whose signature is checked here: the card then names the archive by its checksum.
 *
 * @throws MienError if there is none, or it is not signed with a trusted key
 */
export async function chooseRelease({
  mirror,
  channel,
  arch,
  keyFile,
  now,
}: ReleaseChoice): Promise<Pick<Plan, 'release' | 'releaseKeys'>> {
  const releaseKeys = readKeys(keyFile ?? join(packageRoot, 'release.pub'));
  const source = releaseSource(mirror);
  const name = `mien-${channel}.json`;
  const [bytes, signature] = await Promise.all([name, `${name}.minisig`].map((file) => source.read(file, maxBytes)));
  const metadata = readChannel(name, bytes!, signature!.toString('utf8'), readPublicKeys(releaseKeys));
  const { file, sha256 } = chooseArtifact(metadata, { arch, now });
  return { release: { version: metadata.version, file, sha256 }, releaseKeys };
}

function readKeys(file: string): string {
  if (existsSync(file)) return readFileSync(file, 'utf8');
  throw new MienError(`The public key of the publisher is missing: ${file} does not exist`, {
    code: exitCode.noInput,
    remedy: 'Give it with --key FILE; it is release.pub in each release',
  });
}

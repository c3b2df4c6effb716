import { join } from 'node:path';
import { exitCode, MienError } from '../../core/errors.ts';
import { type PublicKey, readPublicKeys } from '../verify/minisign.ts';
import { readIfThere, writeIfChanged } from './disk.ts';
import type { Host } from './host.ts';

/** The keys that releases must be signed with. @throws MienError if the device trusts none */
export function trustedKeys({ at }: Host): readonly PublicKey[] {
  const text = readIfThere(at.keys);
  if (text !== undefined) return readPublicKeys(text.toString('utf8'));
  throw new MienError(`No trusted key: ${at.keys} does not exist`, {
    code: exitCode.noInput,
    remedy: "Copy the publisher's public key of minisign there, or give it at the installation (--key)",
  });
}

/** Trusts the keys of a release in use: it was signed with one that is trusted, and may bring the next. @returns whether they changed */
export function trustKeysOf({ at }: Host, folder: string): boolean {
  const text = readIfThere(join(folder, 'release.pub'));
  if (text === undefined) return false;
  readPublicKeys(text.toString('utf8'));
  return writeIfChanged(at.keys, text);
}

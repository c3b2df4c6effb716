import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { exitCode, MienError } from '../../core/errors.ts';

/** `release.json` beside `package.json` of a packaged Mien. A checkout has none. */
const releaseSchema = z.object({
  name: z.literal('mien'),
  version: z.string(),
  arch: z.enum(['x64', 'arm64']),
  /** Once this release is installed, no version before this one may be. */
  versionFloor: z.string(),
  /** Commit of the sources. */
  commit: z.string(),
  /** Time of the commit, ISO 8601. */
  released: z.iso.datetime(),
  /** Until when the metadata of a channel offers it, unless its publisher signs it for another time. */
  expires: z.iso.datetime(),
  /** Version of the Node in `bin/node`. */
  node: z.string(),
  /** Oldest glibc that the files run with, `2.35`. */
  glibc: z.string(),
  /** Bytes of all files. */
  unpackedBytes: z.number(),
});

export type Release = z.infer<typeof releaseSchema>;

/** @param folder root of an unpacked release. @throws MienError if there is no valid release.json */
export function readRelease(folder: string): Release {
  const file = join(folder, 'release.json');
  return parseRelease(file, () => readFileSync(file, 'utf8'));
}

/** @param file for messages. @throws MienError if the text cannot be read or is no release.json */
export function parseRelease(file: string, read: () => string): Release {
  try {
    return releaseSchema.parse(JSON.parse(read()));
  } catch (cause) {
    throw new MienError(`${file} is no description of a release of Mien`, {
      code: exitCode.noInput,
      remedy: 'Unpack the archive of the release again',
      cause,
    });
  }
}

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { exitCode, MienError } from '../../core/errors.ts';
import type { Artifact } from './channel.ts';

/** Compares an archive with its signed metadata. @throws MienError if it is another one */
export async function verifyArchive(file: string, { bytes, sha256 }: Artifact): Promise<void> {
  const { size } = await stat(file).catch((cause) => {
    throw new MienError(`${file} cannot be read`, { code: exitCode.noInput, remedy: 'Check its path', cause });
  });
  if (size !== bytes) throw mismatch(file, `${bytes} bytes`, `${size}`);
  const found = await sha256Of(file);
  if (found !== sha256) throw mismatch(file, `sha256 ${sha256}`, found);
}

/** sha256 of a file in hexadecimal digits, in constant memory. */
export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

function mismatch(file: string, expected: string, got: string): MienError {
  return new MienError(`${basename(file)}: expected ${expected}, got ${got}: it was damaged or changed`, {
    code: exitCode.badData,
    remedy: 'Download it again; if it stays so, do not install it and tell its publisher',
  });
}

import { chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exitCode, MienError } from '../../core/errors.ts';
import { packageRoot } from '../../core/paths.ts';
import { idsOf } from './engine.ts';

/** The files that Ansible deploys to the hub. */
export const hubFiles = join(packageRoot, 'ansible/roles/hub/files');

/**
 * The text of a deployed file with the paths and ports of this run. For programs that read no environment variables.
 *
 * @param replacements each must occur: a renamed path would otherwise leave the test on the machine's own files
 * @throws MienError (`config`) if one does not occur
 */
export function hubFile(name: string, replacements: Readonly<Record<string, string>> = {}): string {
  let text = readFileSync(join(hubFiles, name), 'utf8');
  for (const [before, after] of Object.entries(replacements)) {
    if (!text.includes(before)) {
      throw new MienError(`expected "${before}" in ${name}, found none`, {
        code: exitCode.config,
        remedy: 'Replace in device/lab/hub what the file says now.',
      });
    }
    text = text.replaceAll(before, after);
  }
  return text;
}

/** A folder that belongs to a system user. */
export function folderFor(user: string, path: string): string {
  mkdirSync(path, { mode: 0o700, recursive: true });
  give(user, path);
  return path;
}

/** Writes a file that only `user` can read. */
export function writeFor(user: string, path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o600 });
  give(user, path);
}

export function give(user: string, path: string): void {
  const { uid, gid } = idsOf(user);
  if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid);
}

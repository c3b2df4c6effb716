import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { syncFolder } from '../../core/folder.ts';

/** Changes of files that a power cut at any moment leaves either undone or done. */

/** Writes a file under another name, then gives it its name. */
export function writeDurably(file: string, text: string | Buffer, mode = 0o644): void {
  mkdirSync(dirname(file), { recursive: true });
  const incoming = `${file}.new`;
  rmSync(incoming, { force: true });
  const descriptor = openSync(incoming, 'wx', mode);
  try {
    writeSync(descriptor, typeof text === 'string' ? Buffer.from(text) : text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(incoming, file);
  syncFolder(dirname(file));
}

/** Writes a file if its content is another one. @returns whether it was */
export function writeIfChanged(file: string, text: string | Buffer, mode?: number): boolean {
  const wanted = typeof text === 'string' ? Buffer.from(text) : text;
  if (readIfThere(file)?.equals(wanted)) return false;
  writeDurably(file, wanted, mode);
  return true;
}

/** Replaces a symbolic link in one step. */
export function replaceLink(link: string, target: string): void {
  mkdirSync(dirname(link), { recursive: true });
  const incoming = `${link}.new`;
  rmSync(incoming, { force: true });
  symlinkSync(target, incoming);
  renameSync(incoming, link);
  syncFolder(dirname(link));
}

export function removeDurably(path: string): void {
  rmSync(path, { recursive: true, force: true });
  syncFolder(dirname(path));
}

/** Target of a link; undefined without one. */
export function linkTarget(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined;
  }
}

/** Content of a file; undefined without one. */
export function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

// @ts-check
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** @param {readonly (string | Uint8Array)[]} parts */
export function hashOf(parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex').slice(0, 32);
}

/**
 * What a build was made from: path, size and time of every source file; much faster than reading them.
 * @param {string} folder
 * @param {(name: string, path: string) => boolean} includes folders too: one that is not taken is not looked into
 */
export function fingerprintOf(folder, includes) {
  /** @type {string[]} */
  const parts = [];
  /** @param {string} at */
  const walk = (at) => {
    for (const entry of readdirSync(at, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(at, entry.name);
      if (!includes(entry.name, path)) continue;
      if (entry.isDirectory()) walk(path);
      else if (entry.isFile()) {
        const { size, mtimeMs } = statSync(path);
        parts.push(`${path} ${size} ${mtimeMs}`);
      }
    }
  };
  if (existsSync(folder)) walk(folder);
  return hashOf(parts);
}

/**
 * A stamp lies beside what it vouches for, so that whoever deletes the one deletes the other.
 * @param {string} file
 */
export function readStamp(file) {
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}

/**
 * @param {string} file
 * @param {string} value
 */
export function writeStamp(file, value) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${value}\n`);
}

/**
 * Puts a copy in the place of a file at once: a process that has the old file mapped keeps it (written over in place, it
 * would die of SIGBUS), and a copy that is cut off never stands under the name.
 * @param {string} from
 * @param {string} to
 */
export function replaceFile(from, to) {
  const part = `${to}.part`;
  mkdirSync(dirname(to), { recursive: true });
  try {
    copyFileSync(from, part);
    renameSync(part, to);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}

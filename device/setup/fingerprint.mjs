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
 * The sources of a build: path, size and time of every file, which is much faster than reading the files.
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
 * A stamp is stored beside its output, so that deleting the output also deletes the stamp.
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
 * Replaces a file atomically by a copy. A process that has the old file mapped keeps it (overwriting in place would
 * kill it with SIGBUS), and an incomplete copy never has the final name.
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

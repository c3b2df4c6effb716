import { closeSync, fsyncSync, lstatSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describeError } from '../core/errors.ts';
import { syncFolder } from '../core/folder.ts';
import type { Log } from '../core/log.ts';
import { liveField } from './live-settings.ts';
import { findSetting } from './settings.ts';

/** An entry of the file that this version cannot use. It stays in the file until it is reset. */
export interface IgnoredOverride {
  readonly path: string;
  /** The expected and the given value. */
  readonly reason: string;
}

/** Content of the file. */
export interface Overrides {
  /** By path: `camera.fps`. */
  readonly values: ReadonlyMap<string, unknown>;
  readonly ignored: readonly IgnoredOverride[];
  /** Name of the profile that was applied last. */
  readonly profile?: string;
  /** Why the whole file cannot be used. */
  readonly fault?: string;
}

/** Keeps overrides across restarts of the daemon. */
export interface OverrideStore {
  readonly file: string;
  /** Content at the start. */
  readonly loaded: Overrides;
  /**
   * Writes the changes; they are on the disk when it returns.
   *
   * @param changes values by path; `undefined` drops an override
   * @throws if the file cannot be written
   */
  keep(changes: ReadonlyMap<string, unknown>): void;
}

/** Key of the file that holds the name of the profile. No setting has this name. */
export const profileEntry = 'profile';

/** Far above the size of all live settings with their longest texts. */
const maxBytes = 100_000;

export function overridesFileIn(dataDir: string): string {
  return join(resolve(dataDir), 'overrides.json');
}

/** The overrides in this data folder; none without a file. Changes nothing on the disk. */
export function readOverrides(dataDir: string): Overrides {
  const file = overridesFileIn(dataDir);
  try {
    return judge(readEntries(file));
  } catch (error) {
    return { values: new Map(), ignored: [], fault: `${file} cannot be used (${describeError(error)})` };
  }
}

/** `readOverrides` for the daemon: logs each fault, and moves a file that cannot be used aside. */
export function openOverrides(dataDir: string, log: Log): OverrideStore {
  const file = overridesFileIn(dataDir);
  let loaded = readOverrides(dataDir);
  if (loaded.fault !== undefined) loaded = { ...loaded, fault: `${loaded.fault}. ${setAside(file)}` };
  if (loaded.fault !== undefined) log.warn(`Settings made on /admin are not in force: ${loaded.fault}`);
  for (const { path, reason } of loaded.ignored) {
    log.warn(`The override of ${path} in ${file} is not in force: ${reason}. Drop it with: mien config reset ${path}`);
  }
  if (loaded.values.size > 0) {
    log.info(`Settings made on /admin override the configuration: ${[...loaded.values.keys()].join(', ')}`);
  }
  return { file, loaded, keep: (changes) => changeOverrides(dataDir, changes) };
}

/**
 * Changes some entries of the file. The other entries stay, so that a change by another program (`mien config reset`) is kept.
 *
 * @throws if the file cannot be written
 */
export function changeOverrides(dataDir: string, changes: ReadonlyMap<string, unknown>): void {
  const file = overridesFileIn(dataDir);
  const entries = new Map(Object.entries(entriesOrNone(file)));
  for (const [path, value] of changes) {
    if (value === undefined) entries.delete(path);
    else entries.set(path, value);
  }
  if (entries.size > 0) writeWhole(file, `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`);
  else rmSync(file, { force: true });
  syncFolder(dirname(file));
}

/** @throws Error with the fault of the file */
function readEntries(file: string): Readonly<Record<string, unknown>> {
  const found = lstatSync(file, { throwIfNoEntry: false });
  if (!found) return {};
  // Reading a pipe would block the start of the daemon.
  if (!found.isFile()) throw new Error('expected a file');
  if (found.size > maxBytes) throw new Error(`expected at most ${maxBytes} bytes, got ${found.size}`);
  const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (typeof content === 'object' && content !== null && !Array.isArray(content)) return { ...content };
  throw new Error('expected {"camera.fps": 12}');
}

function entriesOrNone(file: string): Readonly<Record<string, unknown>> {
  try {
    return readEntries(file);
  } catch {
    setAside(file);
    return {};
  }
}

function judge(entries: Readonly<Record<string, unknown>>): Overrides {
  const values = new Map<string, unknown>();
  const ignored: IgnoredOverride[] = [];
  const { [profileEntry]: profile, ...settings } = entries;
  for (const [path, value] of Object.entries(settings)) {
    const field = liveField(path);
    const parsed = field?.safeParse(value);
    if (parsed?.success) values.set(path, parsed.data);
    else {
      const came = JSON.stringify(value).slice(0, 80);
      const reason = field
        ? `expected ${findSetting(path)!.expected}, got ${came}`
        : 'expected a setting that can be changed on /admin';
      ignored.push({ path, reason });
    }
  }
  return { values, ignored, ...(typeof profile === 'string' && { profile }) };
}

/** @returns a sentence that says where the file is now */
function setAside(file: string): string {
  const aside = `${file}.damaged`;
  try {
    renameSync(file, aside);
    return `It is kept as ${aside}`;
  } catch (error) {
    return `It cannot be moved out of the way (${describeError(error)})`;
  }
}

/** Replaces the file at once: after a power cut it holds either the old or the new text. */
function writeWhole(file: string, text: string): void {
  const made = `${file}.new`;
  rmSync(made, { force: true });
  const descriptor = openSync(made, 'wx', 0o600);
  try {
    writeFileSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(made, file);
}

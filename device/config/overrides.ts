import { closeSync, fsyncSync, lstatSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describeError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import { liveField } from './live-settings.ts';
import { findSetting } from './settings.ts';

/** An entry of the file that this version cannot use. It stays in the file until somebody resets it. */
export interface IgnoredOverride {
  readonly path: string;
  /** What was expected and what came. */
  readonly reason: string;
}

/** What the file says. */
export interface Overrides {
  /** By path: `camera.fps`. */
  readonly values: ReadonlyMap<string, unknown>;
  readonly ignored: readonly IgnoredOverride[];
  /** Why the file as a whole could not be used. */
  readonly fault?: string;
}

/** Where overrides outlast the daemon. */
export interface OverrideStore {
  readonly file: string;
  /** As found at the start. */
  readonly loaded: Overrides;
  /**
   * Is on the disk when it returns.
   *
   * @param changes values by path; `undefined` takes an override away
   * @throws where it cannot be written
   */
  keep(changes: ReadonlyMap<string, unknown>): void;
}

/** Far more than all live settings with their longest texts. */
const maxBytes = 100_000;

export function overridesFileIn(dataDir: string): string {
  return join(resolve(dataDir), 'overrides.json');
}

/** The overrides in this data folder; none where there is no file. Nothing is changed on the disk. */
export function readOverrides(dataDir: string): Overrides {
  const file = overridesFileIn(dataDir);
  try {
    return judge(readEntries(file));
  } catch (error) {
    return { values: new Map(), ignored: [], fault: `${file} cannot be used (${describeError(error)})` };
  }
}

/** As `readOverrides`, for the daemon: says in the log what is wrong, and puts a file that cannot be used aside. */
export function openOverrides(dataDir: string, log: Log): OverrideStore {
  const file = overridesFileIn(dataDir);
  let loaded = readOverrides(dataDir);
  if (loaded.fault !== undefined) loaded = { ...loaded, fault: `${loaded.fault}. ${setAside(file)}` };
  if (loaded.fault !== undefined) log.warn(`Settings made on /admin are not in force: ${loaded.fault}`);
  for (const { path, reason } of loaded.ignored) {
    log.warn(`The override of ${path} in ${file} is not in force: ${reason}. Drop it with: mien config reset ${path}`);
  }
  if (loaded.values.size > 0) {
    log.info(`Settings made on /admin are in force, before the configuration: ${[...loaded.values.keys()].join(', ')}`);
  }
  return { file, loaded, keep: (changes) => changeOverrides(dataDir, changes) };
}

/**
 * Changes some entries of the file and leaves the others as they are, so that what another program (`mien config reset`)
 * changed meanwhile holds.
 *
 * @throws where it cannot be written
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
  sync(dirname(file));
}

/** @throws Error that says what is wrong with the file */
function readEntries(file: string): Readonly<Record<string, unknown>> {
  const found = lstatSync(file, { throwIfNoEntry: false });
  if (!found) return {};
  // Reading a pipe would block the start.
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
  for (const [path, value] of Object.entries(entries)) {
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
  return { values, ignored };
}

/** @returns what became of the file */
function setAside(file: string): string {
  const aside = `${file}.damaged`;
  try {
    renameSync(file, aside);
    return `It is kept as ${aside}`;
  } catch (error) {
    return `It cannot be moved out of the way (${describeError(error)})`;
  }
}

/** Either the old text or the new one is in the file, whenever the power goes. */
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

function sync(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

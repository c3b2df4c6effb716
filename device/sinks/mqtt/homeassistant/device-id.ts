import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describeError } from '../../../core/errors.ts';
import { makeFolder } from '../../../core/folder.ts';
import type { Log } from '../../../core/log.ts';

const form = /^[0-9a-f]{12}$/;

function deviceIdFileIn(dataDir: string): string {
  return join(resolve(dataDir), 'device-id');
}

/** The id in the data folder. @returns undefined without a file, or if its content is no id */
export function readDeviceId(dataDir: string): string | undefined {
  try {
    const text = readFileSync(deviceIdFileIn(dataDir), 'utf8').trim();
    return form.test(text) ? text : undefined;
  } catch {
    // A missing or unreadable file means that there is no id. `keepDeviceId` reports a fault of the folder.
    return undefined;
  }
}

/**
 * The id of this device: random, made once, and kept as `device-id` in the data folder. It stays when the device or its host
 * gets another name. If it cannot be kept, an id of this machine is used, so that it is the same after a restart.
 */
export function keepDeviceId(dataDir: string, log: Log): string {
  const known = readDeviceId(dataDir);
  if (known !== undefined) return known;
  const file = deviceIdFileIn(dataDir);
  try {
    makeFolder(resolve(dataDir));
    const id = randomBytes(6).toString('hex');
    const isNew = create(file, id);
    if (!isNew) log.warn(`${file} held no id and was replaced. ${listedTwice}`);
    return id;
  } catch (error) {
    const remedy = `Make ${resolve(dataDir)} writable for this user`;
    log.warn(
      { err: error },
      `The id of this device cannot be kept (${describeError(error)}). ${listedTwice} ${remedy}`,
    );
    return idOfMachine(dataDir);
  }
}

const listedTwice = 'Home Assistant may list this device twice: delete the old one there.';

/** @returns false if a file was replaced */
function create(file: string, id: string): boolean {
  const content = `${id}\n`;
  try {
    writeFileSync(file, content, { mode: 0o600, flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    rmSync(`${file}.new`, { force: true });
    writeFileSync(`${file}.new`, content, { mode: 0o600, flag: 'wx' });
    renameSync(`${file}.new`, file);
    return false;
  }
}

/** A hash, because machine-id(5) asks not to publish the id itself. */
function idOfMachine(dataDir: string): string {
  let machine: string;
  try {
    machine = readFileSync('/etc/machine-id', 'utf8').trim();
  } catch {
    // A system without this file: the id is random, and new at the next start.
    machine = randomBytes(16).toString('hex');
  }
  return createHash('sha256')
    .update(`mien ${machine} ${resolve(dataDir)}`)
    .digest('hex')
    .slice(0, 12);
}

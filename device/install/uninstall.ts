import { existsSync, lstatSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Config } from '../config/schema.ts';
import { describeError } from '../core/errors.ts';
import { packageVersion } from '../core/paths.ts';
import { forgetDevice } from '../sinks/mqtt/forget.ts';
import { readDeviceId } from '../sinks/mqtt/homeassistant/device-id.ts';
import type { Host } from './host/host.ts';
import { Releases } from './host/releases.ts';
import { serviceState, stopService } from './host/service.ts';
import { databaseOf, serviceConfig } from './host/service-config.ts';
import { changeCode, type Outcome } from './outcome.ts';

const units = ['mien-kiosk', 'mien'];
const users = ['mien-kiosk', 'mien'];

/**
 * `mien uninstall`: the service and its releases. `purge`: also configuration, data, users, and what the broker keeps of this
 * device. What could not be removed is the reason of the outcome.
 */
export async function uninstall(host: Host, { purge = false }: { readonly purge?: boolean }): Promise<Outcome> {
  const { at } = host;
  const wasThere = existsSync(at.home) || (purge && existsSync(at.etc));
  const config = purge ? configIfReadable(host) : undefined;
  await stopUnits(host);
  const remarks = purge ? await forget(host, config) : [];
  const settings = units.map((unit) => join(at.units, `${unit}.service.d`));
  const files = [...units.map((unit) => join(at.units, `${unit}.service`)), at.command, at.tmpfiles, at.udevRules];
  if (purge) {
    if (config !== undefined) removeData(dirname(databaseOf(host, config)));
    files.push(...settings, at.policies, at.sysusers, at.etc, at.data);
  } else sayWhatStays(host, [at.etc, at.data, ...settings]);
  for (const file of files) rmSync(file, { recursive: true, force: true });
  await host.run('systemctl', ['daemon-reload']);
  await host.run('udevadm', ['control', '--reload']);
  if (purge) for (const user of users) await host.run('userdel', [user]);
  const version = new Releases(host).current ?? null;
  // Last: this program lies there.
  rmSync(at.home, { recursive: true, force: true });
  return {
    outcome: wasThere ? 'uninstalled' : 'unchanged',
    changed: wasThere,
    version: null,
    previous: version,
    reason: remarks.length > 0 ? remarks.join('; ') : null,
    gate: [],
    code: changeCode(remarks.length === 0),
  };
}

async function stopUnits(host: Host): Promise<void> {
  for (const unit of units) {
    if (!existsSync(join(host.at.units, `${unit}.service`))) continue;
    if ((await serviceState(host, unit)).isActive) await stopService(host, unit);
    await host.run('systemctl', ['disable', '--quiet', unit]);
    await host.run('systemctl', ['reset-failed', unit]);
  }
}

/** A broken configuration must not keep the device from being removed. */
function configIfReadable(host: Host): Config | undefined {
  if (!existsSync(host.at.config)) return undefined;
  try {
    return serviceConfig(host);
  } catch (error) {
    host.say(`The broker is not asked to forget this device: ${describeError(error)}`);
    return undefined;
  }
}

/** Retained messages and the entities of Home Assistant. @returns what went wrong */
async function forget(host: Host, config: Config | undefined): Promise<readonly string[]> {
  if (config === undefined || !config.mqtt.enabled) return [];
  const { name } = config.device;
  const id = readDeviceId(dirname(databaseOf(host, config)));
  try {
    const forgotten = await forgetDevice({
      config: config.mqtt,
      deviceName: name,
      ...(id !== undefined && { own: { name, id } }),
      version: packageVersion,
    });
    host.say(`The broker has forgotten this device (${forgotten.topics.length} retained messages)`);
    return [];
  } catch (error) {
    return [`the broker still has the retained messages of ${name}: ${describeError(error)}`];
  }
}

/** The folder may be a partition with other files. Only what has the owner of the log is removed, and only where Mien has logged. */
export function removeData(folder: string): void {
  const log = ['mien.lock', 'mien.db'].map((name) => join(folder, name)).find(existsSync);
  if (log === undefined) return;
  const owner = lstatSync(log).uid;
  for (const path of readdirSync(folder).map((name) => join(folder, name))) {
    if (lstatSync(path).uid === owner) rmSync(path, { recursive: true, force: true });
  }
  try {
    rmdirSync(folder);
  } catch {
    // A mount point stays, and so does a folder with other files.
  }
}

function sayWhatStays(host: Host, paths: readonly string[]): void {
  const there = paths.filter((path) => existsSync(path));
  host.say(
    `These stay: ${there.join(', ')}, the users ${users.join(' and ')}. Remove them with: mien uninstall --purge`,
  );
}

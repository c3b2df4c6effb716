import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { removeDurably, writeIfChanged } from './disk.ts';
import { type Host, runOrFail } from './host.ts';
import { jobMs } from './service.ts';

/** Units whose files follow the release. The kiosk's only once it is installed. */
const units = ['mien.service', 'mien-kiosk.service'];

/** Drop-in for a release without the launcher, where systemd itself can pass the notification socket. */
const openFile = 'open-file.conf';

/**
 * Puts the units of a release into place. Drop-ins of the operator stay.
 *
 * @returns whether a file changed
 */
export async function installUnits(host: Host, release: string, withKiosk = false): Promise<boolean> {
  const { at } = host;
  const from = join(release, 'systemd');
  let changed = false;
  for (const unit of units) {
    const to = join(at.units, unit);
    const isWanted = unit === 'mien.service' || withKiosk || existsSync(to);
    if (isWanted && existsSync(join(from, unit))) changed = copyInto(join(from, unit), to) || changed;
  }
  changed = installOpenFile(host, release) || changed;
  if (existsSync(at.policies) || withKiosk) {
    changed = copyInto(join(from, 'chromium/mien-kiosk.json'), at.policies) || changed;
  }
  if (changed) await runOrFail(host, 'systemctl', ['daemon-reload'], jobMs);
  return changed;
}

function installOpenFile({ at }: Host, release: string): boolean {
  const dropIn = join(at.units, 'mien.service.d', openFile);
  if (!existsSync(join(release, 'bin/mien-launch'))) {
    return copyInto(join(release, 'systemd/drop-ins', openFile), dropIn);
  }
  if (!existsSync(dropIn)) return false;
  removeDurably(dropIn);
  return true;
}

/** Users, folders and the name of the camera. @returns whether a file changed */
export async function installSystemFiles(host: Host, release: string): Promise<boolean> {
  const { at } = host;
  const from = join(release, 'systemd');
  const users = copyInto(join(from, 'sysusers.d/mien.conf'), at.sysusers);
  const folders = copyInto(join(from, 'tmpfiles.d/mien.conf'), at.tmpfiles);
  const rules = copyInto(join(from, 'udev', basename(at.udevRules)), at.udevRules);
  await runOrFail(host, 'systemd-sysusers', [at.sysusers]);
  await runOrFail(host, 'systemd-tmpfiles', ['--create', at.tmpfiles]);
  if (rules) await nameCameras(host);
  return users || folders || rules;
}

/** In a container there is no udev: the camera then has no lasting name, and everything else works. */
async function nameCameras(host: Host): Promise<void> {
  const reload = await host.run('udevadm', ['control', '--reload']);
  const trigger = await host.run('udevadm', ['trigger', '--subsystem-match=video4linux', '--settle'], 60_000);
  if (reload.code !== 0 || trigger.code !== 0) host.say('udev does not run: /dev/mien-camera appears at the next boot');
}

function copyInto(from: string, to: string): boolean {
  return writeIfChanged(to, readFileSync(from));
}

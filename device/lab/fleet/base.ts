import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

export type Suite = 'bookworm' | 'trixie';

/** What a freshly written SD card has, as far as Ansible and the roles need it: no Node, no npm, no compiler. */
const packages = [
  ...['systemd', 'systemd-sysv', 'dbus', 'libpam-systemd', 'udev', 'kmod', 'iproute2', 'procps', 'openssh-server'],
  ...['python3', 'python3-apt', 'systemd-timesyncd', 'openssl', 'ca-certificates'],
];

/** A Debian root of this suite, made once; hosts lie over it and never change it. @returns its folder */
export function baseOf(lab: string, suite: Suite): string {
  const base = join(lab, `fleet-${suite}`);
  if (existsSync(join(base, 'etc', 'ssh', 'sshd_config'))) return base;
  console.log(`Making ${base} (a minute)`);
  const args = ['--variant=minbase', `--include=${packages.join()}`, suite, base];
  execFileSync('mmdebstrap', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  // Each host makes keys of its own.
  const ssh = join(base, 'etc', 'ssh');
  for (const file of readdirSync(ssh)) if (file.startsWith('ssh_host_')) rmSync(join(ssh, file));
  return base;
}

import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { childEnvironment } from '../../core/child-environment.ts';

/** What QEMU boots. */
export interface Disk {
  readonly image: string;
  readonly kernel: string;
  readonly initrd: string;
  /** File of the secret key with which root may log in. */
  readonly key: string;
}

const packages = [
  ...['systemd', 'systemd-sysv', 'dbus', 'udev', 'kmod', 'procps', 'iproute2', 'openssh-server', 'python3'],
  ...['linux-image-amd64', 'v4l-utils'],
];

/** A disk with Debian 12, its kernel, and what the test needs; made once, in some minutes and 900 MB. */
export function diskIn(folder: string): Disk {
  const at = (name: string) => join(folder, name);
  const disk = { image: at('disk.ext4'), kernel: at('vmlinuz'), initrd: at('initrd.img'), key: at('id') };
  if (existsSync(disk.image)) return disk;
  console.log(`Making ${disk.image} (some minutes)`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const root = at('root');
  run('mmdebstrap', '--variant=minbase', `--include=${packages.join()}`, 'bookworm', root);
  run('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', disk.key);
  prepare(root, readFileSync(`${disk.key}.pub`, 'utf8'));
  for (const [name, to] of [
    ['vmlinuz-', disk.kernel],
    ['initrd.img-', disk.initrd],
  ] as const) {
    const boot = join(root, 'boot');
    copyFileSync(join(boot, readdirSync(boot).find((each) => each.startsWith(name))!), to);
  }
  const unfinished = `${disk.image}.part`;
  run('mke2fs', '-q', '-t', 'ext4', '-d', root, unfinished, '3G');
  rmSync(root, { recursive: true });
  // Last: an image that exists is complete.
  renameSync(unfinished, disk.image);
  return disk;
}

/** Network by DHCP, and a login for root. */
function prepare(root: string, publicKey: string): void {
  const write = (path: string, text: string, mode = 0o644) => writeFileSync(join(root, path), text, { mode });
  write('etc/systemd/network/all.network', '[Match]\nName=e*\n[Network]\nDHCP=yes\n');
  write('etc/fstab', '/dev/vda / ext4 defaults 0 1\n');
  mkdirSync(join(root, 'root/.ssh'), { mode: 0o700, recursive: true });
  write('root/.ssh/authorized_keys', publicKey, 0o600);
  for (const unit of ['systemd-networkd', 'ssh']) {
    const link = join(root, 'etc/systemd/system/multi-user.target.wants', `${unit}.service`);
    rmSync(link, { force: true });
    symlinkSync(`/lib/systemd/system/${unit}.service`, link);
  }
}

function run(file: string, ...args: readonly string[]): void {
  execFileSync(file, args, { stdio: ['ignore', 'ignore', 'pipe'], env: childEnvironment() });
}

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path));
const flags = ['--pdeathsig', 'KILL', '--'];
let prefix: readonly string[] | undefined;

/**
 * What goes before a command so that the kernel ends the program together with this process: setpriv(1) of util-linux, which every
 * Debian has. A handler in the program itself would wait for native code to finish, which may take minutes. Empty where setpriv does
 * not work: it calls capset(2), which a hardened service forbids; there systemd ends all processes of the service (KillMode=).
 */
export function endsWithParent(): readonly string[] {
  prefix ??= works() ? [setpriv!, ...flags] : [];
  return prefix;
}

function works(): boolean {
  if (setpriv === undefined) return false;
  return spawnSync(setpriv, [...flags, '/bin/true'], { env: {}, stdio: 'ignore', timeout: 5000 }).status === 0;
}

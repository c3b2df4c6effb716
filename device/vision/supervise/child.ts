import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { childEnvironment } from '../../core/child-environment.ts';
import { endBeforeDaemon } from '../../core/oom-score.ts';

/**
 * Memory settings. V8 lets the young generation grow to three times 16 MB under allocation load. glibc gives the
 * threads of native libraries up to eight arenas per core, each of which keeps freed memory, and raises the trim
 * threshold with the largest freed block. With less of the first two, the vision process takes 178 MB instead of 221
 * beside two viewers; with the third as well, 167 instead of 188 on another machine. It is no slower (`npm run bench --
 * soak --minutes 3`).
 */
const leanV8 = ['--max-semi-space-size=2'];
const leanHeaps = { MALLOC_ARENA_MAX: '2', MALLOC_TRIM_THRESHOLD_: '131072' };

/**
 * Makes the kernel kill the process when the daemon dies. The process's own `disconnect` handler would wait for native
 * code to finish, which may take minutes. From util-linux, which every Debian has.
 */
const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path));
const diesWithParent = ['--pdeathsig', 'KILL'];

/**
 * The program above where it works. It calls capset(2), which a hardened service forbids; there systemd ends all processes
 * of the service with the daemon (KillMode=).
 */
let usableSetpriv: string | false | undefined;
function findUsableSetpriv(): string | false {
  if (setpriv === undefined) return false;
  const { status } = spawnSync(setpriv, [...diesWithParent, '/bin/true'], { env: {}, stdio: 'ignore', timeout: 5000 });
  return status === 0 && setpriv;
}

/**
 * Starts a worker process of the daemon. It communicates by messages and writes to stderr only. Settings come by
 * message, not by environment: code that decodes untrusted pictures must not have the broker's password. Flags of the
 * daemon's own Node are not passed on.
 */
export function forkWorker(entry: string): ChildProcess {
  usableSetpriv ??= findUsableSetpriv();
  const child = fork(entry, [], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    ...(usableSetpriv && { execPath: usableSetpriv }),
    execArgv: [...(usableSetpriv ? [...diesWithParent, process.execPath] : []), ...leanV8],
    env: { ...leanHeaps, ...childEnvironment() },
  });
  endBeforeDaemon(child.pid);
  return child;
}

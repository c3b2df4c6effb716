import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { endBeforeDaemon } from '../../core/oom-score.ts';

/**
 * V8 lets the space for young objects grow to three times 16 MB where many are made. glibc gives the threads of the native
 * libraries up to eight heaps a core, each of which keeps what was once freed in it, and returns the top of a heap the later
 * the larger the largest piece was. With less of the first two the vision process takes 178 MB instead of 221 beside two
 * viewers, with the third as well 167 instead of 188 on another machine, and is no slower (`npm run bench -- soak --minutes 3`).
 */
const leanV8 = ['--max-semi-space-size=2'];
const leanHeaps = { MALLOC_ARENA_MAX: '2', MALLOC_TRIM_THRESHOLD_: '131072' };

/**
 * The kernel kills the process when the daemon dies. Its own `disconnect` handler has to wait while native code decodes or
 * looks at a picture, which may take minutes. From util-linux, which every Debian has.
 */
const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path));
const diesWithParent = ['--pdeathsig', 'KILL', process.execPath];

/**
 * A process of its own that works for the daemon: it talks by messages, and writes to standard error only. It is told its
 * settings and inherits none: what decodes foreign pictures need not know the broker's password.
 */
export function forkWorker(entry: string): ChildProcess {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('MIEN_'));
  const child = fork(entry, [], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    ...(setpriv !== undefined && { execPath: setpriv }),
    execArgv: [...(setpriv === undefined ? [] : diesWithParent), ...leanV8, ...process.execArgv],
    env: { ...leanHeaps, ...Object.fromEntries(inherited) },
  });
  endBeforeDaemon(child.pid);
  return child;
}

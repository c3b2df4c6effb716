import { type ChildProcess, fork } from 'node:child_process';
import { childEnvironment } from '../../core/child-environment.ts';
import { endsWithParent } from '../../core/ends-with-parent.ts';
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
 * Starts a worker process of the daemon. It communicates by messages and writes to stderr only. Settings come by
 * message, not by environment: code that decodes untrusted pictures must not have the broker's password. Flags of the
 * daemon's own Node are not passed on.
 */
export function forkWorker(entry: string): ChildProcess {
  const [execPath = process.execPath, ...flags] = [...endsWithParent(), process.execPath];
  const child = fork(entry, [], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execPath,
    execArgv: [...flags, ...leanV8],
    env: { ...leanHeaps, ...childEnvironment() },
  });
  endBeforeDaemon(child.pid);
  return child;
}

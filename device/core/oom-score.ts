import { readFileSync, writeFileSync } from 'node:fs';

/** Above the score of the daemon, of 1000. */
const moreThanDaemon = 300;

/**
 * Where memory runs out, the kernel ends this process before the daemon: the daemon starts another one, and nobody but a
 * service manager would start another daemon. Raising a score needs no rights (proc(5), oom_score_adj).
 */
export function endBeforeDaemon(pid: number | undefined): void {
  try {
    const own = Number(readFileSync('/proc/self/oom_score_adj', 'utf8'));
    writeFileSync(`/proc/${pid}/oom_score_adj`, String(Math.min(1000, own + moreThanDaemon)));
  } catch {
    // The process has ended already, or /proc is not to be written: then the kernel judges by size alone.
  }
}

import { readFileSync, writeFileSync } from 'node:fs';

/** Added to the score of the daemon; the maximum is 1000. */
const scoreAboveDaemon = 300;

/**
 * Makes the kernel end this process before the daemon when memory runs out. The daemon restarts the process, but only a
 * service manager restarts the daemon. Raising a score needs no privileges (proc(5), oom_score_adj).
 */
export function endBeforeDaemon(pid: number | undefined): void {
  try {
    const own = Number(readFileSync('/proc/self/oom_score_adj', 'utf8'));
    writeFileSync(`/proc/${pid}/oom_score_adj`, String(Math.min(1000, own + scoreAboveDaemon)));
  } catch {
    // The process has already ended, or /proc is read-only: the kernel then decides by size alone.
  }
}

let isBegun = false;

/**
 * From here on neither a closed terminal, a lost SSH connection nor Ctrl-C ends this process: it has stopped the service and must
 * start it again. What it prints to nobody is lost.
 */
export function runUninterrupted(say: (line: string) => void): void {
  if (isBegun) return;
  isBegun = true;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => say('The change of the release is under way and ends by itself'));
  }
  for (const stream of [process.stdout, process.stderr]) {
    // Elsewhere a command ends when nobody reads its output.
    stream.removeAllListeners('error');
    stream.on('error', () => {});
  }
}

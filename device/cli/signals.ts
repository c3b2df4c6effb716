/**
 * Resolves at the first SIGINT, SIGTERM or SIGHUP (the terminal was closed), after `seconds`, or when nobody reads our output any more; a second signal ends
 * the process at once.
 */
export function untilStopped(seconds?: number): Promise<'signal' | 'time' | 'unread'> {
  return new Promise((resolve) => {
    let asked = false;
    const onSignal = () => {
      if (asked) process.exit(1);
      asked = true;
      resolve('signal');
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
    process.on('SIGHUP', onSignal);
    for (const stream of [process.stdout, process.stderr]) {
      stream.off('error', exitUnread);
      // What is still printed on the way out fails in the same way.
      stream.on('error', (error: NodeJS.ErrnoException) => {
        if (!isUnread(error)) throw error;
        resolve('unread');
      });
    }
    if (seconds !== undefined) setTimeout(() => resolve('time'), seconds * 1000).unref();
  });
}

/**
 * Whoever reads may stop early (`mien analyze ... | head`); that is no fault of ours and ends the process, unless the
 * command has something to stop: see `untilStopped`.
 */
export function exitWhenUnread(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', exitUnread);
}

/** EIO: the terminal was closed. */
function isUnread({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EPIPE' || code === 'EIO';
}

function exitUnread(error: NodeJS.ErrnoException): void {
  if (isUnread(error)) process.exit(0);
  throw error;
}

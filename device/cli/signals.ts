/**
 * Resolves at the first SIGINT, SIGTERM or SIGHUP (closed terminal), after `seconds`, or when stdout or stderr is closed. A
 * second signal ends the process at once.
 */
export function untilStopped(seconds?: number): Promise<'signal' | 'time' | 'unread'> {
  return new Promise((resolve) => {
    let isStopping = false;
    const onSignal = () => {
      if (isStopping) process.exit(1);
      isStopping = true;
      resolve('signal');
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
    process.on('SIGHUP', onSignal);
    for (const stream of [process.stdout, process.stderr]) {
      stream.off('error', exitUnread);
      // Later output during the shutdown fails in the same way.
      stream.on('error', (error: NodeJS.ErrnoException) => {
        if (!isUnread(error)) throw error;
        resolve('unread');
      });
    }
    if (seconds !== undefined) setTimeout(() => resolve('time'), seconds * 1000).unref();
  });
}

/**
 * A reader may close the output early (`mien analyze ... | head`). That is not an error and ends the process, unless the
 * command must shut down first: see `untilStopped`.
 */
export function exitWhenUnread(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', exitUnread);
}

/** EPIPE: the reader closed the pipe. EIO: the terminal was closed. */
function isUnread({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EPIPE' || code === 'EIO';
}

function exitUnread(error: NodeJS.ErrnoException): void {
  if (isUnread(error)) process.exit(0);
  throw error;
}

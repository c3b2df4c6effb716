/** Resolves at the first SIGINT or SIGTERM, or after `seconds`; a second signal ends the process at once. */
export function untilStopped(seconds?: number): Promise<'signal' | 'time'> {
  return new Promise((resolve) => {
    let asked = false;
    const onSignal = () => {
      if (asked) process.exit(1);
      asked = true;
      resolve('signal');
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
    if (seconds !== undefined) setTimeout(() => resolve('time'), seconds * 1000).unref();
  });
}

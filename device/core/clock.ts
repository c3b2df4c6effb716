/** The clock is a dependency, so that tests set the time. */
export interface Clock {
  /** Wall clock, ms since 1970 (UTC); may jump. */
  now(): number;
  /** Monotonic, ms since an arbitrary start. */
  mono(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  mono: () => performance.now(),
};

/** Resolves after `ms`, or at once when the signal aborts. Never rejects: the caller checks the signal. */
export function wait(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
  });
}

import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { ApiProblem } from '../api/client.ts';
import { problemOf } from './problem.ts';

/** What was asked for, as far as it has come. What came before stays while it is asked for again, and when that fails. */
export interface Loaded<T> {
  readonly data: T | undefined;
  readonly error: ApiProblem | undefined;
  readonly busy: boolean;
  readonly reload: () => void;
}

export interface LoadOptions {
  /** Asked for again this long after each answer, while the page is visible. */
  readonly everyMs?: number;
}

/** Loads when `key` changes, and on request. */
export function useLoaded<T>(
  key: string,
  load: (signal: AbortSignal) => Promise<T>,
  { everyMs }: LoadOptions = {},
): Loaded<T> {
  const [state, setState] = useState<{ key?: string; data?: T; error?: ApiProblem; busy: boolean }>({ busy: true });
  const [turn, setTurn] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  const reload = useCallback(() => setTurn((before) => before + 1), []);
  // `key` says what `load` depends on, `turn` asks again.
  useEffect(() => {
    const over = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const run = async () => {
      setState((before) => ({ ...before, busy: true }));
      try {
        const data = await latest.current(over.signal);
        if (!over.signal.aborted) setState({ key, data, busy: false });
      } catch (fault) {
        if (over.signal.aborted) return;
        const error = problemOf(fault);
        setState((before) => ({ ...before, error, busy: false }));
      }
      if (!over.signal.aborted && everyMs !== undefined) timer = setTimeout(next, everyMs);
    };
    const next = () => {
      if (document.visibilityState === 'visible') void run();
      else document.addEventListener('visibilitychange', next, { once: true, signal: over.signal });
    };
    void run();
    return () => {
      over.abort();
      clearTimeout(timer);
    };
  }, [key, turn, everyMs]);
  // What was loaded for another key is shown while its successor is on the way, never in its place.
  const data = state.key === key || state.busy ? state.data : undefined;
  return { data, error: state.error, busy: state.busy, reload };
}

import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { ApiProblem } from '../api/client.ts';
import { problemOf } from './problem.ts';

/** Data that is being loaded. Earlier data stays during a reload, and after a failed one. */
export interface Loaded<T> {
  readonly data: T | undefined;
  readonly error: ApiProblem | undefined;
  readonly busy: boolean;
  readonly reload: () => void;
}

export interface LoadOptions {
  /** Pause between an answer and the next request, while the page is visible. */
  readonly everyMs?: number | undefined;
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
  // `key` stands for the inputs of `load`; `turn` counts requests to reload.
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
  // Data of the previous key is shown as outdated until the data of this key has arrived.
  const data = state.key === key || state.busy ? state.data : undefined;
  return { data, error: state.error, busy: state.busy, reload };
}

/** Callers that may wait for a check. A check takes 32 MiB and 0.1 s of a core, so only one runs at a time. */
const maxWaiting = 200;

/** Waiting checks by caller. The callers are in the order of their next turn. */
type Queue = Map<string, (() => void)[]>;

/**
 * Checks passwords one at a time. Callers take turns, so that a caller with many guesses delays the others by one check
 * only. Known callers come first: the device itself, and callers that have logged in before.
 */
export class PasswordChecks {
  readonly #known: Queue = new Map();
  readonly #others: Queue = new Map();
  #isBusy = false;

  /** @returns the result of `check`, or `busy` if too many other callers wait */
  async run(
    caller: { readonly name: string; readonly isKnown: boolean },
    check: () => Promise<boolean>,
  ): Promise<boolean | 'busy'> {
    if (this.#isBusy) {
      const queue = caller.isKnown ? this.#known : this.#others;
      if (queue.size >= maxWaiting && !queue.has(caller.name)) return 'busy';
      await new Promise<void>((start) => queue.set(caller.name, [...(queue.get(caller.name) ?? []), start]));
    }
    this.#isBusy = true;
    try {
      return await check();
    } finally {
      const next = takeNext(this.#known) ?? takeNext(this.#others);
      if (next) next();
      else this.#isBusy = false;
    }
  }
}

/** Takes the first check of the next caller. Further checks of that caller wait for its next turn. */
function takeNext(queue: Queue): (() => void) | undefined {
  const [turn] = queue;
  if (!turn) return undefined;
  const [caller, [next, ...later]] = turn;
  queue.delete(caller);
  if (later.length > 0) queue.set(caller, later);
  return next;
}

/** Callers whose checks may wait. A check takes 32 MiB and a tenth of a second of a core, so one runs at a time. */
const maxWaiting = 200;

/** What waits, by caller. The callers stand in the order of their next turn. */
type Queue = Map<string, (() => void)[]>;

/**
 * Checks passwords one after the other. Callers take turns, so that many guesses of some delay others by one check each;
 * callers that are known (the device itself, and those that have logged in before) come first.
 */
export class PasswordChecks {
  readonly #known: Queue = new Map();
  readonly #others: Queue = new Map();
  #isBusy = false;

  /** The result of `check`; `busy` where too many other callers wait. */
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

/** The first check of the caller whose turn it is; the others of that caller wait for its next turn. */
function takeNext(queue: Queue): (() => void) | undefined {
  const [turn] = queue;
  if (!turn) return undefined;
  const [caller, [next, ...later]] = turn;
  queue.delete(caller);
  if (later.length > 0) queue.set(caller, later);
  return next;
}

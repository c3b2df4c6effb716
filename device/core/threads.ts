import { availableParallelism } from 'node:os';

/**
 * Inference time below which one thread is used without measuring two, in ms. Waking a second thread and waiting for it costs
 * more processor time than it saves, and 250 faces per second are enough.
 */
const minSharedMs = 4;

/** Two threads must take at most this share of the time of one: they cost about 10 % more processor time per inference (measured). */
const maxTimeShare = 0.8;

/** An inference session on a number of threads. */
export interface Threaded {
  readonly threads: number;
  close(): Promise<void>;
}

/**
 * Chooses one thread or two for an inference, by measuring both on this board. More than two would take the cores that the
 * camera, the page and its browser need. The session that is not chosen is closed.
 *
 * @param one runs on one thread
 * @param onTwo the same on two
 * @param timesOf how long each of these takes, in ms, measured in turns
 */
export async function oneThreadOrTwo<T extends Threaded>(
  one: T,
  onTwo: () => Promise<T>,
  timesOf: (all: readonly T[]) => Promise<readonly number[]>,
  cores = availableParallelism(),
): Promise<T> {
  if (cores < 2) return one;
  const [alone] = await timesOf([one]);
  if (alone! < minSharedMs) return one;
  const two = await onTwo();
  const [oneMs, twoMs] = await timesOf([one, two]);
  const [taken, other] = twoMs! < maxTimeShare * oneMs! ? [two, one] : [one, two];
  await other.close();
  return taken;
}

import { availableParallelism } from 'node:os';

/**
 * What one thread does in less time is not shared with a second one, in ms: to wake that one, and to wait for it, costs more of
 * the processor than it saves, and 250 faces a second are enough.
 */
const worthSharingMs = 4;

/** A second thread must save a fifth of the time: each inference costs about a tenth more of the processor with it (measured). */
const worthIt = 0.8;

/** Something that runs on some threads and can be thrown away. */
export interface Threaded {
  readonly threads: number;
  close(): Promise<void>;
}

/**
 * One thread or two for an inference, by measuring both on this board; more than two would take the cores that the camera, the
 * page and its browser need. What is not taken is closed.
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
  if (alone! < worthSharingMs) return one;
  const two = await onTwo();
  const [oneMs, twoMs] = await timesOf([one, two]);
  const [taken, other] = twoMs! < worthIt * oneMs! ? [two, one] : [one, two];
  await other.close();
  return taken;
}

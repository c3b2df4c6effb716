import type { Mat } from '../core/opencv.ts';
import { oneThreadOrTwo } from '../core/threads.ts';

/** Runs a detector's network on one image (BGR, 8 bits) that has exactly the input's size. */
export interface Runtime<Outputs> {
  readonly name: string;
  readonly threads: number;
  run(image: Mat): Promise<Outputs>;
  /** Frees its memory: several MB that the garbage collector does not see. */
  close(): Promise<void>;
}

/** Options of ONNX Runtime for a network that shares the processor with the camera and the page. */
export function sessionOptions(threads: number) {
  return {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    // The graph still declares shapes for the published input size; ONNX Runtime would log a warning for each at each
    // run.
    logSeverityLevel: 3,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  } as const;
}

/** A runtime with this number of threads; 0: one or two, see `oneThreadOrTwo`. */
export async function chooseThreads<Outputs>(
  create: (threads: number) => Promise<Runtime<Outputs>>,
  threads: number,
  image: Mat,
): Promise<Runtime<Outputs>> {
  const first = await create(threads || 1);
  if (threads > 0) return first;
  return oneThreadOrTwo(
    first,
    () => create(2),
    (all) => shortestOf(3, all, image),
  );
}

/** Shortest of `n` runs of each runtime, in ms. The runtimes take turns, after one warm-up run each. */
export async function shortestOf(n: number, runtimes: readonly Runtime<unknown>[], image: Mat): Promise<number[]> {
  for (const runtime of runtimes) await runtime.run(image);
  const best = runtimes.map(() => Number.POSITIVE_INFINITY);
  for (let i = 0; i < n; i++) {
    for (const [index, runtime] of runtimes.entries()) {
      const start = performance.now();
      await runtime.run(image);
      best[index] = Math.min(best[index]!, performance.now() - start);
    }
  }
  return best;
}

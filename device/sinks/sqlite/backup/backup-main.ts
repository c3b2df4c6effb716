/** The backup thread: copies the database of a running daemon into a file beside it. */
import { parentPort, workerData } from 'node:worker_threads';
import type { StoreCode } from '../../../core/codes.ts';
import { describeError, MienError } from '../../../core/errors.ts';
import { lowerPriority } from '../../../core/lower-priority.ts';
import { storeCodeOf } from '../opening/fault.ts';
import { copyDatabase } from './copy.ts';

/** The end of a copy; a fault has its remedy. */
export type FromBackup = 'done' | { readonly code: StoreCode; readonly message: string; readonly remedy: string };

/** Share of the disk that stays free for the log. */
const keepFree = 0.05;

const { from, to } = workerData as { from: string; to: string };

// On Linux this is the priority of the thread.
lowerPriority(5);

async function run(): Promise<FromBackup> {
  let workedSince = performance.now();
  // Work half of the time at most, so that the daemon can write in between.
  const onStep = () => {
    sleep(performance.now() - workedSince);
    workedSince = performance.now();
  };
  try {
    await copyDatabase(from, to, { keepFree, onStep });
    return 'done';
  } catch (error) {
    if (error instanceof MienError) return { code: storeCodeOf(error), message: error.message, remedy: error.remedy };
    const message = `The database could not be copied: ${describeError(error)}`;
    return { code: 'store-unwritable', message, remedy: 'Try again.' };
  }
}

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

void run().then((message) => parentPort!.postMessage(message));

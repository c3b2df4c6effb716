/** The salvage thread: copies the readable rows of a damaged database into the new one while the daemon writes there. */
import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import Sqlite from 'better-sqlite3';
import { describeError } from '../../../core/errors.ts';
import { lowerPriority } from '../../../core/lower-priority.ts';
import { explainStoreFault } from '../opening/fault.ts';
import { type SalvageCounts, salvage } from './salvage.ts';

export type FromSalvage = { readonly counts: SalvageCounts } | { readonly fault: string };

/** Minimum share of the disk that stays free for the log. */
const minFreeShare = 0.05;
const piecesPerLook = 200;

const { from, into, bootId } = workerData as { from: string; into: string; bootId: string };

// On Linux this is the priority of the thread. Not lower: a thread without processor time would hold the lock and block the daemon.
lowerPriority(2);

function run(): FromSalvage {
  try {
    const database = new Sqlite(into, { fileMustExist: true, timeout: 5000 });
    database.pragma('synchronous = NORMAL');
    database.pragma('cache_size = -1024');
    try {
      const pieces = salvage(from, database, bootId);
      for (let piece = 0; ; piece += 1) {
        if (piece % piecesPerLook === 0) assertRoom();
        const startedAt = performance.now();
        const { done, value } = pieces.next();
        if (done) return { counts: value };
        // Work half of the time at most, so that the daemon can write in between.
        sleep(performance.now() - startedAt);
      }
    } finally {
      database.close();
    }
  } catch (error) {
    return { fault: describeError(explainStoreFault(error, into)) };
  }
}

function assertRoom(): void {
  const { bavail, blocks } = statfsSync(dirname(into));
  if (bavail < blocks * minFreeShare) throw Object.assign(new Error('too little free space'), { code: 'ENOSPC' });
}

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

parentPort!.postMessage(run());

import { Worker } from 'node:worker_threads';
import { describeError } from '../../../core/errors.ts';
import { StoreFault } from '../opening/fault.ts';
import type { FromBackup } from './backup-main.ts';

export interface CopyJob {
  /** Path of the database. */
  readonly from: string;
  /** Path of the new file. */
  readonly to: string;
  /** The file that the thread runs; tests start the built one. */
  readonly entry?: URL;
}

/**
 * Copies a database in a thread of its own. After `signal` the thread has ended, but its unfinished file is left.
 *
 * @throws StoreFault if the database cannot be read, the disk has too little space, or `signal` ends the copy
 */
export async function copyInThread(job: CopyJob, signal: AbortSignal): Promise<void> {
  const { from, to, entry = new URL('./backup-main.js', import.meta.url) } = job;
  const worker = new Worker(entry, { workerData: { from, to }, execArgv: [] });
  worker.unref();
  const message = await new Promise<FromBackup>((resolve) => {
    const fail = (why: string) =>
      resolve({ code: 'store-unwritable', message: `The database was not copied: ${why}`, remedy: 'Try again.' });
    worker.on('message', resolve);
    worker.on('error', (error) => fail(describeError(error)));
    worker.on('exit', () => fail('its thread has ended'));
    if (signal.aborted) fail('nobody waits for it');
    signal.addEventListener('abort', () => fail('nobody waits for it'), { once: true });
  });
  await worker.terminate();
  if (message !== 'done') throw new StoreFault(message.code, message.message, { remedy: message.remedy });
}

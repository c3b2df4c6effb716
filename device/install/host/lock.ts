import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { exitCode, MienError } from '../../core/errors.ts';
import type { Host } from './host.ts';

/** Runs `work` while no other command changes this installation. @throws MienError (tryAgain) if another one does */
export async function exclusively<T>({ at }: Host, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(at.lock), { recursive: true });
  take(at.lock);
  try {
    return await work();
  } finally {
    rmSync(at.lock, { force: true });
  }
}

function take(file: string): void {
  try {
    const descriptor = openSync(file, 'wx');
    writeSync(descriptor, String(process.pid));
    closeSync(descriptor);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const holder = readFileSync(file, 'utf8');
    if (isMien(holder)) {
      throw new MienError(`Another command of Mien changes this installation (process ${holder})`, {
        code: exitCode.tryAgain,
        remedy: 'Wait for its end, then run the command again',
      });
    }
    // It was killed.
    rmSync(file, { force: true });
    take(file);
  }
}

/** Whether this is a running process of Mien: the number may belong to another program by now. */
function isMien(pid: string): boolean {
  try {
    return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('cli.js');
  } catch {
    return false;
  }
}

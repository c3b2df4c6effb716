import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { exitCode, MienError } from '../../../core/errors.ts';
import type { Report } from '../report.ts';
import { withScratchFolder } from '../scratch.ts';
import { logOneDay } from './day.ts';

const maxMbPerDay = 60;
const maxStepMs = 50;

/** `npm run bench -- writes`: bytes that the log writes on a day with many visits, in compressed time. */
export async function benchWrites({ visits }: { readonly visits: number }, report: Report): Promise<void> {
  await withScratchFolder(async (folder) => {
    const file = join(folder, 'mien.db');
    const before = writtenByThisProcess();
    const longestMs = await logOneDay(file, visits);
    const after = writtenByThisProcess();
    const writtenMb = (after.calls - before.calls) / 1e6;
    const rows = rowsIn(file);
    report.table('Bytes written on one day', [
      {
        visits: rows.visits,
        samples: rows.samples,
        minutes: rows.minutes,
        unpublished: rows.unpublished,
        'written, MB': writtenMb,
        'to a disk, MB': (after.disk - before.disk) / 1e6,
        'file, MB': statSync(file).size / 1e6,
      },
    ]);
    report.json('writes', { ...rows, writtenMb, longestMs });
    report.targets([
      { what: 'written a day', measured: Math.round(writtenMb * 10) / 10, limit: { most: maxMbPerDay }, unit: 'MB' },
      { what: 'longest step of the log', measured: Math.round(longestMs), limit: { most: maxStepMs }, unit: 'ms' },
    ]);
    if (writtenMb > maxMbPerDay) {
      throw new MienError(`Expected at most ${maxMbPerDay} MB a day, got ${writtenMb.toFixed(1)} MB`, {
        code: exitCode.badData,
        remedy: 'Write fewer pages per transaction, or fewer transactions',
      });
    }
  });
}

/** proc_pid_io(5): bytes given to write calls, and those that reach a disk; a temporary file system has none of these. */
function writtenByThisProcess(): { calls: number; disk: number } {
  const text = readFileSync('/proc/self/io', 'utf8');
  const field = (name: string) => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
  return { calls: field('wchar'), disk: field('write_bytes') };
}

function rowsIn(file: string): Readonly<Record<'visits' | 'samples' | 'minutes' | 'unpublished', number>> {
  const database = new Sqlite(file, { readonly: true });
  try {
    const count = (of: string) => database.prepare(`SELECT count(*) FROM ${of}`).pluck().get() as number;
    const unpublished = count('visits WHERE published_at IS NULL') + count('minutes WHERE published_at IS NULL');
    return { visits: count('visits'), samples: count('samples'), minutes: count('minutes'), unpublished };
  } finally {
    database.close();
  }
}

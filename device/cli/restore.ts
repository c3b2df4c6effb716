import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { keepOf } from '../config/keep.ts';
import { restoreDatabase } from '../sinks/sqlite/backup/restore.ts';
import { type CliOptions, configOf, configOptions } from './options.ts';

/** `mien restore FILE` */
export function restoreCommand(): Command {
  return configOptions(new Command('restore'))
    .description(
      'Replace the database of the log by a backup. Mien must not run; the replaced database is kept for store.visitsDays.',
    )
    .argument('<file>', 'a file of mien backup')
    .action(async (file: string, options: CliOptions) => {
      const { dataDir, store } = configOf(options);
      const database = join(resolve(dataDir), 'mien.db');
      const kept = await restoreDatabase(resolve(file), database, Date.now());
      process.stdout.write(`Restored ${database}\n`);
      if (kept === undefined) return;
      process.stdout.write(
        `The previous database is ${kept}; Mien deletes it after ${keepOf(store).visitsDays} days\n`,
      );
    });
}

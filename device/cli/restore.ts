import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { restoreDatabase } from '../sinks/sqlite/backup/restore.ts';
import { type CliOptions, configOf, configOptions } from './options.ts';

/** `mien restore FILE` */
export function restoreCommand(): Command {
  return configOptions(new Command('restore'))
    .description('Replace the database of the log by a backup. Mien must not run; the replaced database is kept.')
    .argument('<file>', 'a file of mien backup')
    .action(async (file: string, options: CliOptions) => {
      const database = join(resolve(configOf(options).dataDir), 'mien.db');
      const kept = await restoreDatabase(resolve(file), database, Date.now());
      process.stdout.write(`Restored ${database}\n`);
      if (kept !== undefined)
        process.stdout.write(`The previous database is ${kept}; delete it when you do not need it\n`);
    });
}

import { renameSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { copyDatabase } from '../sinks/sqlite/backup/copy.ts';
import { incompleteName, refuseExisting } from './export/output.ts';
import { whenStopped } from './export/stopped.ts';
import { type CliOptions, configOf, configOptions } from './options.ts';
import { Progress } from './progress.ts';

/** `mien backup FILE` */
export function backupCommand(): Command {
  return configOptions(new Command('backup'))
    .description('Copy the database of the log into a file, in the state of one moment, beside a running Mien.')
    .argument('<file>', 'the copy')
    .option('--force', 'overwrite an existing file')
    .action(async (file: string, options: CliOptions & { readonly force?: boolean }) => {
      refuseExisting(file, options.force ?? false);
      const from = join(resolve(configOf(options).dataDir), 'mien.db');
      const part = incompleteName(file);
      const stopped = whenStopped();
      let progress: Progress | undefined;
      const onStep = (done: number, total: number) => {
        if (stopped.fault) throw stopped.fault;
        progress ??= process.stderr.isTTY ? new Progress('bytes', total) : undefined;
        progress?.update(done);
      };
      try {
        await copyDatabase(from, part, { keepFree: 0, onStep });
      } finally {
        progress?.finish();
      }
      renameSync(part, file);
    });
}

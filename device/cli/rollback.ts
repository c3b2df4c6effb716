import { Command } from 'commander';
import { rollback } from '../install/rollback.ts';
import { reportOutcome } from './install/report.ts';

/** `mien rollback` */
export function rollbackCommand(): Command {
  return new Command('rollback')
    .description('Go back to the release before this one, with a database that it can read.')
    .option('--json', 'print the outcome as one line of JSON')
    .action(async ({ json }: { readonly json?: boolean }) => {
      await reportOutcome(json, (host) => rollback({ host }));
    });
}

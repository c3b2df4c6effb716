import { Command } from 'commander';
import { uninstall } from '../install/uninstall.ts';
import { reportOutcome } from './install/report.ts';

/** `mien uninstall` */
export function uninstallCommand(): Command {
  return new Command('uninstall')
    .description('Remove the service and its releases. Configuration, data and users stay without --purge.')
    .option('--purge', 'also configuration, data, users, and what the broker keeps of this device')
    .option('--json', 'print the outcome as one line of JSON')
    .action(async ({ json, purge }: { readonly json?: boolean; readonly purge?: boolean }) => {
      await reportOutcome(json, (host) => uninstall(host, { purge }));
    });
}

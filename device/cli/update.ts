import { Command } from 'commander';
import { type UpdateOrder, update } from '../install/update.ts';
import { reportOutcome } from './install/report.ts';

/** `mien update` */
export function updateCommand(): Command {
  return new Command('update')
    .description(
      'Install the newest release of a mirror. If it does not do what the old one did, the old one is put back.',
    )
    .option('--from <source>', 'address or folder of the mirror (default: from of /etc/mien/update.yaml)')
    .option('--channel <name>', 'channel of the mirror (default: channel of update.yaml, or stable)')
    .option('--to <version>', 'exactly this version, or none')
    .option('--now', 'also in opening hours')
    .option('--check', 'tell what is available, change nothing')
    .option('--allow-older', 'also an older version, not below its floor')
    .option('--json', 'print the outcome as one line of JSON')
    .action(async ({ json, ...order }: UpdateOrder & { readonly json?: boolean }) => {
      await reportOutcome(json, (host) => update({ host }, order));
    });
}

import { userInfo } from 'node:os';
import { Command } from 'commander';
import { thisHost } from '../install/host/host.ts';
import { holdNote, postponedNote } from '../install/host/record.ts';

interface HoldOptions {
  readonly release?: boolean;
  readonly json?: boolean;
}

/** `mien hold` */
export function holdCommand(): Command {
  return new Command('hold')
    .description('Keep this release: updates are postponed until the hold is released.')
    .argument('[reason]', 'shown to whoever wants to update')
    .option('--release', 'end the hold')
    .option('--json', 'print the hold as one line of JSON')
    .action((reason: string | undefined, { release, json }: HoldOptions) => {
      const host = thisHost();
      const note = holdNote(host);
      const before = note.read();
      if (release) {
        note.remove();
        // It names the hold as its reason.
        postponedNote(host).remove();
      } else if (before === undefined || (reason !== undefined && reason !== before.reason)) {
        const by = process.env.SUDO_USER || userInfo().username;
        note.write({ reason: reason ?? 'no reason given', since: new Date().toISOString(), by });
      }
      const hold = note.read() ?? null;
      const changed = JSON.stringify(hold) !== JSON.stringify(before ?? null);
      if (json) process.stdout.write(`${JSON.stringify({ hold, changed })}\n`);
      else if (hold) process.stdout.write(`On hold since ${hold.since} by ${hold.by}: ${hold.reason}\n`);
      else process.stdout.write(before ? 'The hold is released\n' : 'There is no hold\n');
    });
}

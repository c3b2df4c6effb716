import { Command } from 'commander';
import { asCalled } from '../core/command.ts';
import { exitCode } from '../core/errors.ts';
import { thisHost } from '../install/host/host.ts';
import { readStatus, type Status } from '../install/status.ts';
import { describeChecks } from './install/report.ts';
import { seconds } from './options.ts';

interface StatusOptions {
  readonly wait?: number;
  readonly gate?: boolean;
  readonly json?: boolean;
}

/** `mien status` */
export function statusCommand(): Command {
  return new Command('status')
    .description('Show what is installed and whether it works: release, service, frames, inference, broker, screen.')
    .option('--wait <seconds>', 'wait so long until everything works', seconds)
    .option('--gate', 'exit code 1 unless everything works')
    .option('--json', 'print one line of JSON')
    .action(async ({ wait, gate, json }: StatusOptions) => {
      const host = thisHost();
      const status = await readStatus(json ? { ...host, say: () => {} } : host, { wait });
      process.stdout.write(json ? `${JSON.stringify(status)}\n` : asCalled(describeStatus(status)));
      if (gate && !status.ok) process.exitCode = exitCode.failure;
    });
}

/** For people: a line each. */
export function describeStatus(status: Status): string {
  const { hold, postponed, cut, hours, openNow } = status;
  const rows: [string, string | undefined][] = [
    ['version', `${status.version ?? 'not installed'}${status.previous ? `, before it ${status.previous}` : ''}`],
    ['service', `${status.service}, ${status.health ?? 'no answer'}`],
    ['screen', status.kiosk === 'inactive' ? undefined : status.kiosk],
    ['camera', status.camera === null ? undefined : `${status.camera}, ${status.fps ?? 0} frames a second`],
    ['hold', hold ? `by ${hold.by} since ${hold.since}: ${hold.reason}` : undefined],
    ['hours', hours.length === 0 ? undefined : `${hours.join(', ')}${openNow === null ? '' : ' (now)'}`],
    ['waiting', postponed ? `Mien ${postponed.version}: ${postponed.reason}` : undefined],
    ['cut', cut ? `${cut.verb} from ${cut.from} to ${cut.to} at "${cut.step}"; heal it with: mien update` : undefined],
    ['updates', status.from === null ? undefined : `${status.from}, channel ${status.channel}`],
    ['disk', `${status.freeMb} MB free${written(status)}`],
  ];
  const lines = rows.flatMap(([name, text]) => (text === undefined ? [] : [`${name.padEnd(9)} ${text}\n`]));
  return (
    lines.join('') + status.reasons.map((reason) => `          ${reason}\n`).join('') + describeChecks(status.gate)
  );
}

function written({ writtenMbPerDay }: Status): string {
  return writtenMbPerDay === null ? '' : `, ${Math.round(writtenMbPerDay)} MB written a day`;
}

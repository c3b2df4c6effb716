import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { describeError, exitCode, MienError } from '../core/errors.ts';
import { maskAddress } from '../core/mask.ts';
import { packageVersion } from '../core/paths.ts';
import { type Forgotten, forgetDevice } from '../sinks/mqtt/forget.ts';
import { readDeviceId } from '../sinks/mqtt/homeassistant/device-id.ts';
import { claimFolder, isAlreadyUsed } from '../sinks/sqlite/opening/claim.ts';
import { type CliOptions, configOf, configOptions } from './options.ts';

type ForgetOptions = CliOptions & { readonly device?: string; readonly force?: boolean };

/** `mien mqtt forget` */
export function mqttCommand(): Command {
  return new Command('mqtt')
    .description('Manage what the broker and Home Assistant keep of a device.')
    .addCommand(forgetCommand());
}

function forgetCommand(): Command {
  return configOptions(new Command('forget'))
    .description('Remove the retained messages of a device from the broker, and its entities from Home Assistant.')
    .option('--device <name>', 'device.name of a device that no longer exists (default: this device)')
    .option('--force', 'also a device that is online; it announces itself again at its next connect')
    .action(async (options: ForgetOptions) => {
      const own = configOf(options);
      const { mqtt, device, dataDir } =
        options.device !== undefined ? configOf(options, { device: { name: options.device } }) : own;
      const isOwn = device.name === own.device.name;
      const release = isOwn && !options.force ? claim(dataDir) : undefined;
      try {
        const id = readDeviceId(own.dataDir);
        const forgotten = await forgetDevice({
          config: mqtt,
          deviceName: device.name,
          ...(id !== undefined && { own: { name: own.device.name, id } }),
          force: options.force,
          version: packageVersion,
        });
        process.stdout.write(summary(forgotten, `${mqtt.baseTopic}/${device.name}`, maskAddress(mqtt.url)));
      } finally {
        release?.();
      }
    });
}

/** Makes sure that no daemon runs with this data folder until the returned function is called. */
function claim(dataDir: string): (() => void) | undefined {
  if (!existsSync(dataDir)) return undefined;
  try {
    const held = claimFolder(dataDir);
    return () => void held.close();
  } catch (error) {
    const isRunning = isAlreadyUsed(error);
    const message = isRunning
      ? `Mien runs with the data folder ${dataDir} and would announce itself again`
      : `Cannot determine whether Mien runs with the data folder ${dataDir} (${describeError(error)})`;
    throw new MienError(message, {
      code: exitCode.unavailable,
      remedy: isRunning
        ? 'Stop it first, or add --force'
        : 'Run the command as the user of the daemon, or add --force if it does not run',
      cause: error,
    });
  }
}

function summary({ topics, deviceIds, renamed }: Forgotten, base: string, url: string): string {
  const count = topics.length === 1 ? '1 retained message' : `${topics.length} retained messages`;
  const lines = [`Removed ${count} below ${base}/ from ${url}`];
  if (deviceIds.length > 0)
    lines.push(`Requested from Home Assistant the removal of the device mien_${deviceIds.join(', mien_')}`);
  for (const { id, name } of renamed) lines.push(`Home Assistant keeps the device mien_${id}: it is named ${name} now`);
  if (lines.length === 1)
    lines.push('The id of the device is not known: if Home Assistant still lists it, delete it there');
  return `${lines.join('\n')}\n`;
}

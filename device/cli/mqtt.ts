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
    .option('--force', 'also while Mien runs; it will announce itself again')
    .action(async (options: ForgetOptions) => {
      const own = configOf(options);
      const { mqtt, device, dataDir } = options.device ? configOf(options, { device: { name: options.device } }) : own;
      const isOwn = device.name === own.device.name;
      const release = isOwn && !options.force ? claim(dataDir) : undefined;
      try {
        const deviceId = isOwn ? readDeviceId(dataDir) : undefined;
        const forgotten = await forgetDevice({
          config: mqtt,
          deviceName: device.name,
          deviceId,
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

function summary({ topics, deviceIds }: Forgotten, base: string, url: string): string {
  const count = topics.length === 1 ? '1 retained message' : `${topics.length} retained messages`;
  const removed = `Removed ${count} below ${base}/ from ${url}\n`;
  if (deviceIds.length > 0)
    return `${removed}Requested from Home Assistant the removal of the device mien_${deviceIds.join(', mien_')}\n`;
  return `${removed}The id of the device is not known: if Home Assistant still lists it, delete it there\n`;
}
